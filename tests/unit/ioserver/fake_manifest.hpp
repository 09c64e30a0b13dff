// SPDX-License-Identifier: Apache-2.0
// A manifest with a control partition, a client, and what the client is served with; nothing of it
// but that would boot.
#pragma once

#include "firmware/abi/manifest_view.hpp"

#include <cstring>
#include <string>
#include <vector>

namespace cloison::io::adapter {

class FakeManifest {
  public:
    struct Function {
        abi::VirtioFunctionConfig config;
        std::string service;
    };

    FakeManifest(const std::vector<Function>& functions, const std::vector<std::string>& services)
        : bytes_(sizeof(abi::ManifestHeader)) {
        std::vector<abi::PartitionRecord> partitions(2);
        std::strcpy(partitions[0].name, "control");
        partitions[0].role = static_cast<u32>(abi::Role::control);
        std::strcpy(partitions[1].name, "alpha");
        std::vector<abi::FunctionRecord> records;
        for (const Function& function : functions) {
            abi::FunctionRecord record{};
            record.partition = 1;
            record.device_id = function.config.device_id;
            record.features = function.config.features;
            record.queues = static_cast<u32>(function.config.queue_sizes.size());
            record.service = add(function.service.data(), function.service.size());
            records.push_back(record);
        }
        std::vector<abi::ServiceRecord> texts;
        for (const std::string& service : services)
            texts.push_back({0, 0, add(service.data(), service.size())});
        abi::ManifestHeader header{};
        header.magic = abi::manifest_magic;
        header.version = abi::manifest_version;
        header.partitions = add_table(partitions);
        header.functions = add_table(records);
        header.services = add_table(texts);
        header.size = static_cast<u32>(bytes_.size());
        std::memcpy(bytes_.data(), &header, sizeof header);
        header.crc32 = abi::manifest_crc(bytes_);
        std::memcpy(bytes_.data(), &header, sizeof header);
    }

    [[nodiscard]] const std::vector<u8>& bytes() const { return bytes_; }

  private:
    abi::Table add(const void* from, usize size) {
        abi::Table table{static_cast<u32>(bytes_.size()), static_cast<u32>(size)};
        bytes_.resize(round_up(bytes_.size() + size, 8));
        if (size != 0)
            std::memcpy(bytes_.data() + table.offset, from, size);
        return table;
    }
    template <typename T>
    abi::Table add_table(const std::vector<T>& elements) {
        abi::Table table = add(elements.data(), elements.size() * sizeof(T));
        table.count = static_cast<u32>(elements.size());
        return table;
    }

    std::vector<u8> bytes_;
};

} // namespace cloison::io::adapter
