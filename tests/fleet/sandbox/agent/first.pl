# Plays a CodeDeploy agent of generation 1: a master and its worker that look like the agent's in /proc and in the log,
# with the local time of its time zone. Both end when standard input closes, so that none outlives the sandbox. Prints
# "up" when the wanted state is reached. The files beside it say what to play (`settings`) and what each start of a worker
# adds to the log (`lines`).
use strict;
use warnings;
use IO::Select;
use POSIX qw(strftime _exit);

my %set = map { chomp; split /=/, $_, 2 } contents('settings');
my @lines = contents('lines');
chomp @lines;
my $input = IO::Select->new(\*STDIN);
my $master = $$;
# Seconds from one poll to the next; after errors in a row the agent waits longer and longer.
my @waits = $lines[-1] =~ / 200 / ? (61) : (10, 13, 17, 21, 27, 34, 44, 56, 71, 90);

sub contents {
    my ($name) = @_;
    open my $file, '<', $name or die "$name: $!";
    return <$file>;
}

sub title {
    my ($old) = @_;
    $0 = "$set{program_name}: $old";
}

sub start_worker {
    my ($seconds) = @_;
    my $worker = fork // die "fork: $!";
    return $worker if $worker;
    title("InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller of master $master");
    work($seconds);
    _exit(1);
}

# Until its life or its input ends. What it does again and again is the last line of the log.
sub work {
    my ($seconds) = @_;
    if (defined $seconds || $set{log_age}) { $input->can_read($seconds); return }
    for (my $errors = 0; !$input->can_read($set{pace} * $waits[$errors]); ) {
        record($$, $lines[-1]);
        $errors++ if $errors < $#waits;
    }
}

sub record {
    my ($worker, @texts) = @_;
    open my $log, '>>', $set{log_file} or die "$set{log_file}: $!";
    for my $line (@texts) {
        my $text = $line =~ s/MASTER/$master/gr =~ s/WORKER/$worker/gr;
        syswrite $log, strftime('%Y-%m-%dT%H:%M:%S', localtime(time - $set{log_age})) . "$text\n";
    }
}

title("master $master");
open my $pid, '>', $set{pid_file} or die "$set{pid_file}: $!";
print {$pid} "$master\n";
close $pid;

my @lives = $set{fate} eq 'stays' ? (undef) : $set{fate} eq 'dies' ? (0) : (0, (4) x 1000);
if ($set{fate} eq 'is killed') { @lives = (0, undef) }
$SIG{PIPE} = 'IGNORE'; # nobody reads a second "up"
$| = 1;
while (@lives) {
    my $seconds = shift @lives;
    my $worker = start_worker($seconds);
    record($worker, @lines);
    if ($set{fate} eq 'is killed' && @lives) {
        waitpid $worker, 0;
        record($worker, ' INFO  [codedeploy-agent(MASTER)]: master MASTER: not enough child processes running - '
            . 'missing at least 1 - respawning');
        print "up\n";
        $input->can_read(5 * $set{pace});
        next;
    }
    print "up\n" unless defined $seconds && $seconds == 0 && @lives;
    waitpid $worker, 0;
    last if $input->can_read(0);
}
$input->can_read;
