# Plays the CodeDeploy agent 2.1.0 (aws-facts 18): a master `start` and its `worker`, whose names are those of this file.
# Both end when standard input closes, so that none outlives the sandbox. Prints "up" when the wanted state is reached.
# The files beside it say what to play (`settings`) and what each worker adds to the log (`lines`).
use strict;
use warnings;
use IO::Select;
use Time::HiRes qw(time);
use POSIX qw(strftime dup2 _exit WNOHANG);

my $program = '/opt/codedeploy-agent/bin/codedeploy-agent';
my $tell = 9; # where a worker says that it has written to the log
my %set = map { chomp; split /=/, $_, 2 } contents('settings');
my $input = IO::Select->new(\*STDIN);
my $stopping;
$SIG{TERM} = sub { $stopping = 1 };
$SIG{CHLD} = sub { };
$SIG{PIPE} = 'IGNORE'; # nobody reads a second "up"
$| = 1;

$0 eq 'worker' ? work() : command();

sub contents {
    my ($name) = @_;
    open my $file, '<', $name or die "$name: $!";
    return <$file>;
}

# Ends the process when the sandbox has ended.
sub rest {
    my ($seconds) = @_;
    _exit(1) if $input->can_read($seconds);
}

sub work {
    my @lines = contents('lines');
    open my $log, '>>', $set{log_file} or die "$set{log_file}: $!";
    for my $line (@lines) {
        syswrite $log, strftime('%Y-%m-%d %H:%M:%S', gmtime(time - $set{log_age})) . $line =~ s/WORKER/$$/gr;
    }
    POSIX::write($tell, 'x', 1);
    POSIX::close($tell);
    _exit(0) if $set{fate} =~ /^(returns|never returns)$/;
    rest(1) until $stopping;
    # Nothing wakes it from its long poll or from its pause.
    my $end = time + $set{stop_seconds} * $set{pace};
    rest(0.1) while time < $end;
    _exit(0);
}

# `start`: refuses while the pid file names a living process, whatever that is.
sub command {
    my ($living) = -e $set{pid_file} ? contents($set{pid_file}) : ();
    if ($living && kill 0, $living) {
        print STDERR "Agent is already running (pid $living)\n";
        _exit(1);
    }
    put($set{version_file}, 'agent_version: 2.1.0', 0444);
    put($set{pid_file}, $$, 0644);
    watch();
    unlink $set{pid_file};
}

sub put {
    my ($path, $text, $mode) = @_;
    unlink $path;
    open my $file, '>', $path or die "$path: $!";
    print {$file} $text;
    close $file;
    chmod $mode, $path;
}

# A worker that dies comes back later and later, and soon again once one has lived for 60 s.
sub watch {
    my ($deaths, $began_with) = (0, 1);
    until ($stopping) {
        my $began = time;
        my $worker = start_worker() or $deaths++;
        if ($worker) {
            after_start($worker, $began_with++);
            waitpid_or_stop($worker);
            return if $stopping;
            $deaths = time - $began < 60 * $set{pace} ? $deaths + 1 : 1;
            next if !after_death($deaths);
        }
        my $pause = $set{pace} * (0, 5, 10, 20, 40, 60)[$deaths < 5 ? $deaths : 5];
        my $end = time + $pause;
        rest($pause > 1 ? 1 : $pause) until $stopping || time >= $end;
    }
}

# The master starts the file that it was started from; if that was replaced, there is none.
sub start_worker {
    my $exe = readlink '/proc/self/exe';
    return 0 if !-x $exe;
    pipe my $told, my $tells or die "pipe: $!";
    my $worker = fork // die "fork: $!";
    if (!$worker) {
        dup2(fileno $tells, $tell);
        exec {$set{fate} eq 'never returns' ? $exe : './codedeploy-agent'} $program, 'worker' or _exit(127);
    }
    close $tells;
    sysread $told, my $read, 1;
    return $worker;
}

sub after_start {
    my ($worker, $number) = @_;
    print "up\n" if $set{fate} eq 'stays' && $number == 1;
    kill 'KILL', $worker if $set{fate} eq 'is killed' && $number == 1;
    if ($set{fate} eq 'stops') { $stopping = 1; print "up\n" }
}

sub waitpid_or_stop {
    my ($worker) = @_;
    until (waitpid($worker, WNOHANG) == $worker) {
        rest(0.5);
        next if !$stopping;
        kill 'TERM', $worker;
        rest(0.5) until waitpid($worker, WNOHANG) == $worker;
        return;
    }
}

# Says whether to wait before the next one. The first two of a worker that never stays are not waited for, so that the
# wanted state is reached.
sub after_death {
    my ($deaths) = @_;
    my $fate = $set{fate};
    return 0 if $fate eq 'returns' && $deaths == 1;
    if ($fate eq 'never returns' && $deaths == 1) {
        put("$set{program_file}.new", "\x7fELF", 0755);
        rename "$set{program_file}.new", $set{program_file};
    }
    print "up\n" if $deaths == ($fate eq 'returns' ? 2 : 1) && $fate =~ /returns|is killed/;
    return 1;
}
