# From the phases of all runs, as the guests (and KVM) told of them, to figures for one request.
def hundredths: . * 100 | round / 100;
def of_request($n): . / $n | hundredths;

map(. as $p | .requests as $n | {
    column, server, wait, name, depth, requests,
    ticks: (.ticks | of_request($n)),
    guest: (.["guest-ticks"] | of_request($n)),
    outside: (.ticks - .["guest-ticks"] | of_request($n)),
    turnaround, longest,
    kicks: (.kicks | of_request($n)),
    interrupts: (.interrupts | of_request($n)),
    halts: (.halts | of_request($n))
} + (if .kvm then {
    exits: (.kvm.exits | of_request($n)),
    monitor: (if .wait == "halt" then .kvm["vcpu-ticks"] - .["guest-ticks"] | of_request($n) else null end),
    "server-ticks": (.kvm["process-ticks"] - .kvm["vcpu-ticks"] | of_request($n)),
    counters: .kvm
} else {} end))
| . as $all
| map(. as $f | . + (if .column == "cloison" then
    first($all[] | select(.column == "kvm" and .server == $f.server and .wait == $f.wait and
                          .name == $f.name and .depth == $f.depth)) // null
    | if . then {"of-kvm": ($f.outside / .outside | hundredths)} else {} end
  else {} end))
