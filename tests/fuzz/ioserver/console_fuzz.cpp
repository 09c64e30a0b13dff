// SPDX-License-Identifier: Apache-2.0
// A console of one port and its control queues under arbitrary rings and messages: what is read is
// the guest's, and no byte is read twice.
#include "ioserver/devices/console/console_device.hpp"
#include "tests/fuzz/ioserver/hostile_guest.hpp"

namespace {

using namespace cloison;
using namespace cloison::io;

constexpr ConsolePort ports[] = {{"console", true}};
using Console = ConsoleDevice<GuestRegions>;

class Run {
  public:
    explicit Run(Input& input) : input_(input) {
        for (u32 index = 0; index < console_.queues(); ++index) {
            // Four rings in the low memory overlap with nothing but what the driver writes there.
            QueueLayout layout = guest_.layout(index);
            demand(console_.start_queue(
                       index, guest_.memory(), layout, input.bits(),
                       {reinterpret_cast<u8*>(records_[index].data()), sizeof records_[index]},
                       0) == QueueError::none);
        }
    }
    usize take(u32 port, std::span<const u8> bytes) {
        demand(port == 0);
        demand(guest_.owns({const_cast<u8*>(bytes.data()), static_cast<u32>(bytes.size())}));
        usize taken = input_.below(2) == 0 ? bytes.size() : input_.byte();
        return std::min(taken, bytes.size());
    }
    void step() {
        switch (input_.below(8)) {
        case 0:
            console_.transmit(0, *this);
            break;
        case 1: {
            std::array<u8, 100> bytes{};
            demand(console_.receive(0, bytes) <= bytes.size());
            break;
        }
        case 2:
            console_.serve_control();
            break;
        case 3:
            console_.control().set_far_end(0, input_.below(2) != 0);
            console_.tell();
            break;
        case 4:
            say();
            break;
        default:
            guest_.act(input_, input_.below(4));
        }
    }

  private:
    void say() {
        virtio_console_control message{input_.below(3), static_cast<u16>(input_.below(8)),
                                       static_cast<u16>(input_.below(2))};
        u64 at = HostileGuest::high + 0x300;
        std::memcpy(guest_.at(at), &message, sizeof message);
        vring_desc descriptor{at, sizeof message, 0, 0};
        std::memcpy(guest_.at(guest_.layout(Console::control_transmit).descriptors), &descriptor,
                    sizeof descriptor);
        guest_.offer(Console::control_transmit, 0);
    }

    Input& input_;
    HostileGuest guest_;
    Console console_{ports};
    std::array<std::array<u64, InflightRecord::bytes(HostileGuest::queue_size) / 8>, 4> records_{};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    Input input({data, size});
    Run run(input);
    while (!input.empty())
        run.step();
    return 0;
}
