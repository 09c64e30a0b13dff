# From the phases of all runs, as the guests (and KVM) told of them, to figures for one request:
#   ticks       of the client's CPU, waiting included
#   guest       of these, the guest's own instructions, its interrupts included
#   outside     the others
#   transport   of these, what is not there where server and guest both poll and nobody leaves a guest: exits,
#               interrupts, sleeping and waking up. The rest is the server and its back end
#   of-…        transport, of that of another column
#   monitor     KVM: what the virtual CPU's thread takes beyond the guest's own instructions, while that halts
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
| map(. as $f
    | first($all[] | select(.column == $f.column and .server == "poll" and .wait == "poll" and
                            .name == $f.name and .depth == $f.depth)) as $bare
    | . + {transport: (.outside - $bare.outside | hundredths)})
| . as $all
| map(. as $f
    | [$all[] | select(.server == $f.server and .wait == $f.wait and .name == $f.name and .depth == $f.depth)] as $same
    | def of($column): first($same[] | select(.column == $column and .transport > 0) | $f.transport / .transport | hundredths) // null;
      if .column == "cloison" then . + {"of-kvm": of("kvm"), "of-kvm-sleep": of("kvm-sleep")} else . end)
