# Both endpoints on port 443, until each has answered once; an HTTP error counts. Verifies TLS, as the agent does. The
# polls of an agent prove that of the commands.
check_network() {
  [ "$SSM_agent" != ignored ] && [ -n "$token" ] || return 0
  if ! find_region; then
    [ -n "$hung" ] || finding metadata metadata-unreachable transient 'metadata gives a token, but no Region or domain'
    return 0
  fi
  name_endpoints
  no_name=
  no_route=
  no_tls=
  [ -n "$agent_polls" ] || reach_endpoint "$commands_endpoint"
  reach_endpoint "$s3_endpoint"
  [ -z "$no_name" ] || finding network network-no-name transient "does not resolve:$no_name"
  [ -z "$no_route" ] || finding network network-no-route transient "no answer on port 443:$no_route"
  [ -z "$no_tls" ] || finding network network-tls-failing transient "TLS fails:$no_tls"
}

# As the agent names them (deploy_control_endpoint.rb and command_executor.rb of 1.8.1).
name_endpoints() {
  variant=
  [ "$enable_auth_policy" != true ] || variant=-secure
  s3=s3
  if [ "$use_fips_mode" = true ]; then
    variant=$variant-fips
    s3='s3-fips'
  fi
  commands_endpoint=${deploy_control_endpoint:-https://codedeploy-commands$variant.$region.$domain}
  s3_endpoint=${s3_endpoint_override:-https://$s3.$region.$domain}
}

reach_endpoint() {
  case $open_endpoints in *" $1 "*) return ;; esac
  direct=
  request HEAD 'Accept: */*' "$1"
  [ -z "$hung" ] || return 0
  host=${1#*://}
  host=${host%%/*}
  host=${host##*@}
  case $outcome in
    answered)
      open_endpoints="$open_endpoints $1 "
      [ -z "$http_date" ] || read_aws_time ;;
    name) no_name="$no_name $host" ;;
    tls) no_tls="$no_tls $host" ;;
    connected) no_route="$no_route $host (connected)" ;;
    *) no_route="$no_route $host" ;;
  esac
}
