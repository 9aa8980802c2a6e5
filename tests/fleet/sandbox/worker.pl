# Plays the worker that the SSM Agent starts for each command: runs the steps one after the other, as aws-facts 17 says.
# Each step has a folder with its script (_script.sh, or package.sh for aws:configurePackage). The worker writes there the
# step's pid, what it prints (stdout, stderr), and its code. Standard input brings orders: "time-out" ends the step,
# "cancel" ends the command, and its end ends all.
use strict;
use warnings;
use IO::Select;
use POSIX qw(setpgid dup2 _exit);

my ($shell, @steps) = @ARGV;
my $stopped = 137;
my $cancelled;

for my $folder (@steps) {
    my $code = run_step($folder, -e "$folder/_script.sh");
    put("$folder/code", $code);
    last if $cancelled || $code == 168 || $code == 169;
}

sub run_step {
    my ($folder, $is_script) = @_;
    pipe my $out, my $out_end or die "pipe: $!";
    pipe my $err, my $err_end or die "pipe: $!";
    my $child = fork // die "fork: $!";
    if (!$child) {
        setpgid(0, 0) if $is_script;
        become($folder, $is_script, $out_end, $err_end);
    }
    setpgid($child, $child) if $is_script;
    close $_ for $out_end, $err_end;
    put("$folder/pid", $child);
    syswrite STDOUT, "started\n" if $folder eq $steps[0];
    return $stopped if copy($folder, $is_script ? -$child : $child, $out, $err);
    waitpid $child, 0;
    return $? & 127 ? -1 : $? >> 8;
}

sub become {
    my ($folder, $is_script, $out, $err) = @_;
    open STDIN, '<', '/dev/null' or _exit(127);
    dup2(fileno $out, 1);
    dup2(fileno $err, 2);
    chdir '/usr/bin';
    umask 0022;
    my @words = $is_script ? ('sh', '-c', "$folder/_script.sh") : ('sh', "$folder/package.sh");
    exec {$shell} @words or _exit(127);
}

# Until nobody holds the other ends, or an order comes; says whether it was an order.
sub copy {
    my ($folder, $target, $out, $err) = @_;
    my %file = ($out => create("$folder/stdout"), $err => create("$folder/stderr"));
    my $select = IO::Select->new($out, $err, \*STDIN);
    while ($select->count > 1) {
        for my $ready ($select->can_read) {
            my $read = sysread $ready, my $text, 65536;
            if ($ready == \*STDIN) {
                kill 'KILL', $target;
                waitpid abs $target, 0;
                _exit(1) if !$read;
                $cancelled = $text =~ /cancel/;
                return 1;
            }
            if ($read) { syswrite $file{$ready}, $text }
            else { $select->remove($ready) }
        }
    }
    return 0;
}

sub create {
    my ($path) = @_;
    open my $file, '>', $path or die "$path: $!";
    return $file;
}

# At once, since somebody may be reading it.
sub put {
    my ($path, $text) = @_;
    my $file = create("$path.new");
    print {$file} $text;
    close $file;
    rename "$path.new", $path or die "$path: $!";
}
