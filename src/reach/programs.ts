/**
 * The program that talks TCP, UDP and DNS from inside a pod's network namespace, once in Perl (part of every Debian and
 * Ubuntu) and once in Python (everything else). Same arguments, same one line of answer, nothing beyond either's core.
 *
 *     serve PORT EXPECTED SECONDS QUIET  1 MiB to each connection, until EXPECTED (0 = no end) were served, time is up, or
 *                                        QUIET seconds have passed and nobody is being served
 *     fetch ADDRESS PORT CONNECT TOTAL   reads all that the other side sends; keeps dialling for CONNECT seconds
 *     tcp ADDRESS PORT CONNECT           connects and closes
 *     dns-udp|dns-tcp ADDRESS NAME SECONDS   asks for the A records
 *
 * Answers: `ok …`, `refused`, `timeout`, `unreachable TEXT`, `stalled BYTES`, `short BYTES`, `late SERVED EXPECTED`,
 * `busy TEXT`, `rcode N`, `empty`, `error TEXT`. The exit status is 0 with `ok` and 1 with anything else.
 */

/** Bytes that `serve` sends. */
export const transferBytes = 1_048_576;

/** Seconds without a byte after which a transfer counts as stalled. */
export const stallSeconds = 2.5;

export const perlProgram = `use strict; use warnings; use Socket; use Fcntl; use Errno qw(EINPROGRESS EINTR EAGAIN ECONNREFUSED ETIMEDOUT);
my $now = eval { require Time::HiRes; \\&Time::HiRes::time } || do { require POSIX; my $tick = POSIX::sysconf(POSIX::_SC_CLK_TCK()); sub { (POSIX::times())[0] / $tick } };
$| = 1; $SIG{PIPE} = 'IGNORE';
my ($mode, @a) = @ARGV;
sub done { print join(' ', @_), "\\n"; exit($_[0] eq 'ok' ? 0 : 1) }
sub ready { my ($s, $write, $t) = @_; my $b = ''; vec($b, fileno($s), 1) = 1;
  return ($write ? select(undef, $b, undef, $t) : select($b, undef, undef, $t)) > 0 }
sub failed { my $e = shift; local $! = $e;
  return $e == ECONNREFUSED ? 'refused' : $e == ETIMEDOUT ? 'timeout' : "unreachable $!" }
sub dial { my ($ip, $port, $until) = @_; my $last = 'timeout'; my $to = inet_aton($ip) or done('error', 'address');
  while ((my $left = $until - $now->()) > 0) {
    socket(my $s, PF_INET, SOCK_STREAM, 0) or done('error', $!);
    fcntl($s, F_SETFL, O_NONBLOCK);
    my $e = connect($s, sockaddr_in($port, $to)) ? 0 : $! + 0;
    if ($e == EINPROGRESS) {
      done($last eq 'refused' ? $last : 'timeout') unless ready($s, 1, $left);
      $e = unpack('i', getsockopt($s, SOL_SOCKET, SO_ERROR)) }
    return $s unless $e;
    $last = failed($e);
    select(undef, undef, undef, 0.1) }
  done($last) }
sub fetch { my ($ip, $port, $connect, $total) = @_; my $start = $now->(); my $s = dial($ip, $port, $start + $connect);
  my ($n, $idle, $end) = (0, $now->(), $start + $total);
  while (1) { my $t = $now->(); my $left = $end - $t; my $quiet = ${stallSeconds} - ($t - $idle); $left = $quiet if $quiet < $left;
    done('stalled', $n) if $left <= 0;
    next unless ready($s, 0, $left);
    my $r = sysread($s, my $b, 65536);
    if (!defined $r) { next if $! == EAGAIN || $! == EINTR; done('stalled', $n) }
    last unless $r;
    $n += $r; $idle = $now->() }
  done($n == ${transferBytes} ? 'ok' : 'short', $n, int(1000 * ($now->() - $start))) }
sub feed { my ($c, $seconds) = @_; $SIG{ALRM} = 'DEFAULT'; alarm($seconds + 1); fcntl($c, F_SETFL, 0);
  my $b = "\\0" x 65536;
  for (1 .. ${transferBytes} / 65536) { my $o = 0; while ($o < 65536) { my $w = syswrite($c, $b, 65536 - $o, $o); exit 1 unless $w; $o += $w } }
  shutdown($c, 1); sysread($c, $b, 1); exit 0 }
sub serve { my ($port, $want, $seconds, $quiet) = @_; my $start = $now->(); my $end = $start + $seconds; my %kid; my $n = 0;
  socket(my $l, PF_INET, SOCK_STREAM, 0) or done('error', $!);
  setsockopt($l, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($l, sockaddr_in($port, INADDR_ANY)) && listen($l, 64) or done('busy', $!);
  fcntl($l, F_SETFL, O_NONBLOCK);
  while ((my $left = $end - $now->()) > 0 && !($want && $n >= $want)) {
    while ((my $k = waitpid(-1, 1)) > 0) { $n++; delete $kid{$k} }
    last if !%kid && $now->() - $start > $quiet;
    next if !ready($l, 0, $left < 0.05 ? $left : 0.05) || keys %kid >= 64 || !accept(my $c, $l);
    my $k = fork; next unless defined $k;
    if (!$k) { close $l; feed($c, $seconds) }
    $kid{$k} = 1; close $c }
  kill 'TERM', keys %kid;
  done($n >= $want ? 'ok' : 'late', $n, $want) }
my $id = int(rand(65536));
sub question { my $name = shift;
  return pack('n6', $id, 0x100, 1, 0, 0, 0) . join('', map { pack('C/a*', $_) } split(/\\./, $name)) . pack('Cnn', 0, 1, 1) }
sub answer { my $m = shift; return if length $m < 12; my ($i, $f, $qd, $an) = unpack('n4', $m); return if $i != $id;
  done('rcode', $f & 15) if $f & 15;
  my $o = 12; my @ip;
  my $skip = sub { while ($o < length $m) { my $l = ord substr($m, $o, 1); if ($l >= 192) { $o += 2; return } $o += 1 + $l; return unless $l } };
  for (1 .. $qd) { $skip->(); $o += 4 }
  for (1 .. $an) { $skip->(); last if $o + 10 > length $m; my ($t, $c, $x, $n) = unpack('nnNn', substr($m, $o, 10));
    last if $o + 10 + $n > length $m;
    push @ip, inet_ntoa(substr($m, $o + 10, 4)) if $t == 1 && $n == 4; $o += 10 + $n }
  done(@ip ? ('ok', sort @ip) : 'empty') }
sub dns_udp { my ($ip, $name, $seconds) = @_; my $end = $now->() + $seconds; my $last = 'timeout';
  socket(my $s, PF_INET, SOCK_DGRAM, 0) or done('error', $!);
  connect($s, sockaddr_in($a[3] || 53, inet_aton($ip))) or done(failed($! + 0));
  while ((my $left = $end - $now->()) > 0) {
    defined send($s, question($name), 0) or $last = failed($! + 0);
    my $again = $now->() + ($left < 1 ? $left : 1);
    while ((my $t = $again - $now->()) > 0) { next unless ready($s, 0, $t);
      if (defined recv($s, my $m, 4096, 0)) { answer($m) } else { $last = failed($! + 0); select(undef, undef, undef, $t); last } } }
  done($last) }
sub dns_tcp { my ($ip, $name, $seconds) = @_; my $end = $now->() + $seconds; my $s = dial($ip, $a[3] || 53, $end); my $m = '';
  syswrite($s, pack('n/a*', question($name)));
  while ((my $left = $end - $now->()) > 0) { next unless ready($s, 0, $left);
    my $r = sysread($s, $m, 4096, length $m); next if !defined $r && ($! == EAGAIN || $! == EINTR);
    done('empty') unless $r;
    answer(substr($m, 2)) if length $m >= 2 && length $m >= 2 + unpack('n', $m) }
  done('timeout') }
if ($mode eq 'serve') { serve(@a) } elsif ($mode eq 'fetch') { fetch(@a) }
elsif ($mode eq 'tcp') { my $t = $now->(); dial($a[0], $a[1], $t + $a[2]); done('ok', int(1000 * ($now->() - $t))) }
elsif ($mode eq 'dns-udp') { dns_udp(@a) } elsif ($mode eq 'dns-tcp') { dns_tcp(@a) }
done('error', 'mode');
`;

export const pythonProgram = `import errno, os, random, select, signal, socket, struct, sys, time
now = time.monotonic
def done(*words):
    sys.stdout.write(" ".join(str(w) for w in words) + "\\n")
    sys.stdout.flush()
    os._exit(0 if words[0] == "ok" else 1)
def ready(s, write, t):
    r, w, _ = select.select([] if write else [s], [s] if write else [], [], max(t, 0))
    return bool(r or w)
def failed(e):
    if e == errno.ECONNREFUSED: return ("refused",)
    if e == errno.ETIMEDOUT: return ("timeout",)
    return ("unreachable", os.strerror(e or 0))
def dial(ip, port, until):
    last = ("timeout",)
    while until - now() > 0:
        s = socket.socket()
        s.setblocking(False)
        e = s.connect_ex((ip, port))
        if e == errno.EINPROGRESS:
            if not ready(s, True, until - now()):
                done(*(last if last[0] == "refused" else ("timeout",)))
            e = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if e == 0: return s
        s.close()
        last = failed(e)
        time.sleep(0.1)
    done(*last)
def fetch(ip, port, connect, total):
    start = now()
    s = dial(ip, int(port), start + float(connect))
    n, idle, end = 0, now(), start + float(total)
    while True:
        left = min(end - now(), ${stallSeconds} - (now() - idle))
        if left <= 0: done("stalled", n)
        if not ready(s, False, left): continue
        try: b = s.recv(65536)
        except (BlockingIOError, InterruptedError): continue
        except OSError: done("stalled", n)
        if not b: break
        n += len(b)
        idle = now()
    done("ok" if n == ${transferBytes} else "short", n, int(1000 * (now() - start)))
def feed(c, seconds):
    signal.alarm(int(float(seconds)) + 1)
    c.setblocking(True)
    try:
        c.sendall(bytes(${transferBytes}))
        c.shutdown(socket.SHUT_WR)
        c.recv(1)
    except OSError: os._exit(1)
    os._exit(0)
def serve(port, want, seconds, quiet):
    want, start, end, kids, n = int(want), now(), now() + float(seconds), set(), 0
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        l.bind(("0.0.0.0", int(port)))
        l.listen(64)
    except OSError as e: done("busy", os.strerror(e.errno or 0))
    l.setblocking(False)
    while end - now() > 0 and not (want and n >= want):
        while kids:
            k, _ = os.waitpid(-1, os.WNOHANG)
            if not k: break
            n += 1
            kids.discard(k)
        if not kids and now() - start > float(quiet): break
        if not ready(l, False, min(end - now(), 0.05)) or len(kids) >= 64: continue
        try: c, _ = l.accept()
        except OSError: continue
        k = os.fork()
        if k == 0:
            l.close()
            feed(c, seconds)
        kids.add(k)
        c.close()
    for k in kids: os.kill(k, signal.SIGTERM)
    done("ok" if n >= want else "late", n, want)
ident = random.randrange(65536)
def question(name):
    q = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    return struct.pack("!6H", ident, 0x100, 1, 0, 0, 0) + q + b"\\0" + struct.pack("!2H", 1, 1)
def skip(m, o):
    while o < len(m):
        if m[o] >= 192: return o + 2
        if m[o] == 0: return o + 1
        o += 1 + m[o]
    return o
def answer(m):
    if len(m) < 12: return
    i, f, qd, an = struct.unpack("!4H", m[:8])
    if i != ident: return
    if f & 15: done("rcode", f & 15)
    o, ips = 12, []
    for _ in range(qd): o = skip(m, o) + 4
    for _ in range(an):
        o = skip(m, o)
        if o + 10 > len(m): break
        t, _, _, n = struct.unpack("!HHIH", m[o:o + 10])
        if o + 10 + n > len(m): break
        if t == 1 and n == 4: ips.append(socket.inet_ntoa(m[o + 10:o + 14]))
        o += 10 + n
    done(*(["ok"] + sorted(ips) if ips else ["empty"]))
def dns_udp(ip, name, seconds, port="53"):
    end, last = now() + float(seconds), ("timeout",)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try: s.connect((ip, int(port)))
    except OSError as e: done(*failed(e.errno))
    while end - now() > 0:
        again = min(now() + 1, end)
        try: s.send(question(name))
        except OSError as e: last = failed(e.errno)
        while again - now() > 0:
            if not ready(s, False, again - now()): continue
            try: answer(s.recv(4096))
            except OSError as e:
                last = failed(e.errno)
                time.sleep(max(again - now(), 0))
    done(*last)
def dns_tcp(ip, name, seconds, port="53"):
    end, m = now() + float(seconds), b""
    s = dial(ip, int(port), end)
    q = question(name)
    s.send(struct.pack("!H", len(q)) + q)
    while end - now() > 0:
        if not ready(s, False, end - now()): continue
        try: b = s.recv(4096)
        except (BlockingIOError, InterruptedError): continue
        except OSError: b = b""
        if not b: done("empty")
        m += b
        if len(m) >= 2 and len(m) >= 2 + struct.unpack("!H", m[:2])[0]: answer(m[2:])
    done("timeout")
def tcp(ip, port, connect):
    start = now()
    dial(ip, int(port), start + float(connect))
    done("ok", int(1000 * (now() - start)))
modes = {"serve": serve, "fetch": fetch, "tcp": tcp, "dns-udp": dns_udp, "dns-tcp": dns_tcp}
if len(sys.argv) < 2 or sys.argv[1] not in modes: done("error", "mode")
modes[sys.argv[1]](*sys.argv[2:])
`;
