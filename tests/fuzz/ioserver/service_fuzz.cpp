// SPDX-License-Identifier: Apache-2.0
// Texts of services: what is parsed is formatted to the same bytes again, whatever it is.
#include "firmware/abi/service.hpp"

#include <cstdlib>

namespace {

using namespace cloison::abi;

template <typename Service>
void check(std::string_view text) {
    static ServiceRoom room;
    auto service = parse_service<Service>(text, room);
    if (!service)
        return;
    static std::array<char, max_service_text> written;
    if (format_service(*service, written) != text)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const cloison::u8* data, size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    check<DiskService>(text);
    check<PortService>(text);
    check<ConsolesService>(text);
    check<SwitchService>(text);
    return 0;
}
