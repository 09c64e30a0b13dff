# From the phases of all runs, as the guests (and KVM) told of them, to figures for one request:
#   ticks       of the client's CPU, waiting included
#   guest       of these, the guest's own instructions, its interrupts included
#   outside     the others
#   transport   of these, what is not there where server and guest both poll and nobody leaves a guest: exits,
#               interrupts, sleeping and waking up. The rest is the server and its back end
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
    | (first($all[] | select(.column == "kvm" and .server == $f.server and .wait == $f.wait and
                             .name == $f.name and .depth == $f.depth)) // null) as $kvm
    | if .column == "kvm" or $kvm == null then . else . + {
        "outside-of-kvm": (.outside / $kvm.outside | hundredths),
        "transport-of-kvm": (if $kvm.transport > 0 then .transport / $kvm.transport | hundredths else null end)
      } end)
