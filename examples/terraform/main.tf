# A group whose launches Launchgate gates. It needs the Launchgate stack in the same account and Region, a launch template
# of yours, and subnets that reach AWS on port 443.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "hook_name" {
  type        = string
  default     = "launchgate"
  description = "The parameter HookName of the Launchgate stack."
}

variable "launch_template" {
  type        = string
  description = "Id of the launch template. Its instance profile needs AmazonSSMManagedInstanceCore."
}

variable "subnets" {
  type        = list(string)
  description = "Ids of the subnets of the group."
}

variable "policy" {
  type        = any
  default     = { ready_within = 600, checks = { units = ["web"] } }
  description = "The policy of the group: README.md, \"The policy\"."
}

resource "aws_autoscaling_group" "web" {
  name_prefix         = "web-"
  min_size            = 1
  max_size            = 4
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = var.launch_template
    version = "$Latest"
  }

  # Part of the group, so that it holds the first instances too. A separate aws_autoscaling_lifecycle_hook is created after
  # them. The provider uses this block only when it creates the group: a later change of it makes a new group. To change
  # the policy of a group that exists, use `aws autoscaling put-lifecycle-hook`.
  initial_lifecycle_hook {
    name                  = var.hook_name
    lifecycle_transition  = "autoscaling:EC2_INSTANCE_LAUNCHING"
    heartbeat_timeout     = 600
    default_result        = "ABANDON"
    notification_metadata = jsonencode(var.policy)
  }

  # Terraform waits for instances in service. A launch that is ended by the gate is one that it waits for in vain, so this
  # is longer than ready_within.
  wait_for_capacity_timeout = "15m"
}

output "group_name" {
  value = aws_autoscaling_group.web.name
}
