// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/virtio/adapter.hpp"

#include <algorithm>
#include <new>

namespace cloison::core {

std::span<VirtioFunction> make_functions(u8* record, void* objects,
                                         std::span<const abi::VirtioFunctionConfig> configs,
                                         std::span<const Extent> ram) {
    auto* adapter = new (record) abi::AdapterPage;
    adapter->functions = static_cast<u32>(configs.size());
    adapter->ram_count = static_cast<u32>(ram.size());
    std::copy(ram.begin(), ram.end(), adapter->ram.begin());
    std::span<const Extent> kept = std::span(adapter->ram).first(ram.size());

    auto* functions = static_cast<VirtioFunction*>(objects);
    auto next = static_cast<u32>(abi::io_adapter_read_only_pages(adapter->functions));
    new (record + next++ * page_size) abi::BellPage;
    for (u32 i = 0; i < adapter->functions; ++i) {
        adapter->places[i] = {1 + i, next};
        auto* page = new (record + (1 + i) * page_size) abi::FunctionPage;
        auto* server = new (record + next * page_size) abi::ServerPage;
        new (functions + i) VirtioFunction(i, configs[i], *page, *server, kept);
        next += 1 + static_cast<u32>(configs[i].queue_sizes.size());
    }
    return {functions, configs.size()};
}

} // namespace cloison::core
