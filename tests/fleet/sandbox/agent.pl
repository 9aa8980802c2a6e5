# Plays a CodeDeploy agent: a master and its worker that look like the agent's in /proc and in the log. Both end when
# standard input closes, so that none outlives the sandbox, however that ends. Prints "up" when the wanted state is
# reached.
use strict;
use warnings;
use IO::Select;
use POSIX qw(strftime _exit);

my ($generation, $fate, $pid_file, $log_file, @lines) = @ARGV;
my $input = IO::Select->new(\*STDIN);
my $master = $$;

sub title {
    my ($old) = @_;
    $0 = $generation == 1 ? "codedeploy-agent: $old" : '/opt/codedeploy-agent/bin/codedeploy-agent';
}

sub start_worker {
    my ($seconds) = @_;
    my $worker = fork // die "fork: $!";
    return $worker if $worker;
    title("InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller of master $master");
    $input->can_read($seconds);
    _exit(1);
}

sub record {
    my ($worker) = @_;
    open my $log, '>>', $log_file or die "$log_file: $!";
    for my $line (@lines) {
        my $text = $line =~ s/MASTER/$master/gr =~ s/WORKER/$worker/gr;
        my @stamp = $generation == 1 ? ('%Y-%m-%dT%H:%M:%S', localtime) : ('%Y-%m-%d %H:%M:%S', gmtime);
        print {$log} strftime($stamp[0], @stamp[1 .. $#stamp]), "$text\n";
    }
    close $log;
}

title("master $master");
open my $pid, '>', $pid_file or die "$pid_file: $!";
print {$pid} "$master\n";
close $pid;

my @lives = $fate eq 'stays' ? (undef) : $fate eq 'dies' ? (0) : (0, (4) x 1000);
$| = 1;
while (@lives) {
    my $seconds = shift @lives;
    my $worker = start_worker($seconds);
    record($worker);
    print "up\n" unless defined $seconds && $seconds == 0 && @lives;
    waitpid $worker, 0;
    last if $input->can_read(0);
}
$input->can_read;
