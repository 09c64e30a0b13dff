// SPDX-License-Identifier: Apache-2.0
// Texts of services: what is parsed is formatted to the same bytes again, whatever it is, and what
// is formatted is parsed again.
#include "firmware/abi/service.hpp"
#include "tests/fuzz/input.hpp"

#include <cstdlib>

namespace {

using namespace cloison::abi;

void require(bool truth) {
    if (!truth)
        std::abort();
}

template <typename Service>
void check(std::string_view text) {
    static ServiceRoom room;
    auto service = parse_service<Service>(text, room);
    if (!service)
        return;
    static std::array<char, max_service_text> written;
    require(format_service(*service, written) == text);
}

/// A disk whose words are pieces of the input.
void check_disk(cloison::fuzz::Input input, std::string_view text) {
    auto word = [&] {
        auto from = std::min<size_t>(input.byte(), text.size());
        return text.substr(from, input.byte());
    };
    DiskService disk;
    disk.client = word();
    disk.name = word();
    disk.volume = word();
    disk.backing = word();
    disk.size = input.bits();
    disk.read_only = input.below(2) == 1;
    disk.serial = word();
    static std::array<char, max_service_text> written;
    static ServiceRoom room;
    auto formatted = format_service(disk, written);
    require(formatted.has_value()); // five words of 255 bytes, three characters each
    auto parsed = parse_service<DiskService>(*formatted, room);
    require(parsed && parsed->client == disk.client && parsed->name == disk.name &&
            parsed->volume == disk.volume && parsed->backing == disk.backing &&
            parsed->size == disk.size && parsed->read_only == disk.read_only &&
            parsed->serial == disk.serial);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const cloison::u8* data, size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    check_disk(cloison::fuzz::Input({data, size}), text);
    check<DiskService>(text);
    check<PortService>(text);
    check<ConsolesService>(text);
    check<SwitchService>(text);
    return 0;
}
