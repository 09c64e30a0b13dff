// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/processors.hpp"

#include "firmware/abi/manifest.hpp"
#include "partitions/describe/error.hpp"
#include "partitions/describe/values.hpp"

#include <algorithm>
#include <tuple>

namespace cloison::describe {

namespace {

constexpr u64 largest_apic_id = 0xFFFF'FFFE; // the one above addresses all of them

std::set<std::string> flag_set(std::string_view value) {
    std::set<std::string> flags;
    for (std::string_view word : words(value))
        flags.emplace(word);
    return flags;
}

/// Keeps in `common` what `more` has too; the first CPU's flags are all kept.
void intersect(std::set<std::string>& common, std::set<std::string> more, bool first) {
    if (first)
        common = std::move(more);
    else
        std::erase_if(common, [&](const std::string& flag) { return !more.contains(flag); });
}

/// One line of /proc/cpuinfo, "key : value".
class CpuinfoReader {
  public:
    CpuinfoReader(std::string name, Processors& result) : name_(std::move(name)), result_(result) {}

    void line(std::string_view text) {
        ++number_;
        usize colon = text.find(':');
        if (colon == std::string_view::npos)
            return;
        std::string_view key = trim(text.substr(0, colon)), value = trim(text.substr(colon + 1));
        CpuFeatures& features = result_.features;
        if (key == "processor") {
            if (result_.list.size() == abi::max_cpus)
                wrong("more than " + std::to_string(abi::max_cpus) + " CPUs");
            result_.list.emplace_back().linux_number = number(key, value);
            known_.push_back(false);
        } else if (result_.list.empty()) {
            return;
        } else if (key == "apicid") {
            result_.list.back().apic_id = number(key, value);
            known_.back() = true;
        } else if (key == "vendor_id" && features.vendor.empty()) {
            features.vendor = value;
        } else if (key == "model name" && features.model.empty()) {
            features.model = value;
        } else if (key == "flags") {
            intersect(features.flags, flag_set(value), result_.list.size() == 1);
        } else if (key == "vmx flags") {
            intersect(features.vmx_flags, flag_set(value), !features.vmx_flags_shown);
            features.vmx_flags_shown = true;
        }
    }
    void end() const {
        if (result_.list.empty())
            throw DescribeError(name_ + ": lists no processor");
        if (std::find(known_.begin(), known_.end(), false) != known_.end())
            throw DescribeError(name_ +
                                ": a processor has no apicid; boot a kernel for x86-64 with "
                                "support for several CPUs");
    }

  private:
    [[noreturn]] void wrong(const std::string& what) const {
        throw DescribeError(name_ + ":" + std::to_string(number_) + ": " + what);
    }
    [[nodiscard]] u32 number(std::string_view key, std::string_view value) const {
        auto parsed = parse_number(value, largest_apic_id);
        if (!parsed)
            wrong(std::string(key) + ": " + shown(value) + " is not a whole number up to " +
                  std::to_string(largest_apic_id));
        return static_cast<u32>(*parsed);
    }

    std::string name_;
    Processors& result_;
    std::vector<bool> known_; // whether each CPU's APIC ID was seen
    usize number_ = 0;
};

void read_cpuinfo(const Tree& tree, Processors& processors) {
    auto text = tree.read("/proc/cpuinfo");
    if (!text)
        throw DescribeError(tree.name("/proc/cpuinfo") + ": cannot be read");
    CpuinfoReader reader(tree.name("/proc/cpuinfo"), processors);
    for (usize begin = 0; begin < text->size();) {
        usize end = std::min(text->find('\n', begin), text->size());
        reader.line(std::string_view(*text).substr(begin, end - begin));
        begin = end + 1;
    }
    reader.end();
}

/// The place of one CPU as Linux shows it.
struct Place {
    u32 package, die, core;
    friend bool operator<(const Place& a, const Place& b) {
        return std::tie(a.package, a.die, a.core) < std::tie(b.package, b.die, b.core);
    }
};

std::optional<Place> place_of(const Tree& tree, u32 cpu) {
    std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    auto package = id_in(tree, folder + "physical_package_id");
    auto core = id_in(tree, folder + "core_id");
    if (!package || !core)
        return std::nullopt;
    return Place{*package, id_in(tree, folder + "die_id").value_or(0), *core};
}

/// Cores keep Linux's numbers, which repeat from die to die; where a package has several dies they
/// are numbered through. Threads are numbered by APIC ID.
void read_places(const Tree& tree, std::vector<Processor>& list) {
    std::map<Place, u32> threads;
    std::map<u32, std::set<u32>> dies;
    std::vector<std::optional<Place>> places;
    for (const Processor& processor : list) {
        auto place = place_of(tree, *processor.linux_number);
        places.push_back(place);
        if (!place)
            continue;
        dies[place->package].insert(place->die);
        threads.emplace(*place, 0);
    }
    for (usize i = 0; i < list.size(); ++i) {
        if (!places[i])
            continue;
        const Place& place = *places[i];
        list[i].package = place.package;
        list[i].core = place.core;
        if (dies[place.package].size() > 1)
            list[i].core = static_cast<u32>(
                std::distance(threads.lower_bound({place.package, 0, 0}), threads.find(place)));
        list[i].thread = threads[place]++;
    }
}

void by_apic_id(std::vector<Processor>& list) {
    std::sort(list.begin(), list.end(),
              [](const Processor& a, const Processor& b) { return a.apic_id < b.apic_id; });
}

/// Adds the APIC IDs that are not there yet.
void add_others(std::vector<Processor>& list, const std::vector<u32>& enabled) {
    std::set<u32> known;
    for (const Processor& processor : list)
        if (!known.insert(processor.apic_id).second)
            throw DescribeError("/proc/cpuinfo: two CPUs have the APIC ID " +
                                std::to_string(processor.apic_id));
    for (u32 id : enabled) {
        if (!known.insert(id).second)
            continue;
        if (list.size() == abi::max_cpus)
            throw DescribeError("the MADT lists more than " + std::to_string(abi::max_cpus) +
                                " CPUs");
        list.emplace_back().apic_id = id;
        list.back().started = false;
    }
}

/// Gives CPUs that Linux did not start a place that keeps the planner from parting what may be
/// siblings: two APIC IDs that differ in the lowest bit are taken for threads of one core (SDM vol.
/// 3A, 9.9.1: threads have the lowest bits), in the package of the CPU before.
void guess_places(std::vector<Processor>& list) {
    std::map<u32, u32> next_core; // free numbers, by package
    for (const Processor& processor : list)
        if (processor.core)
            next_core[*processor.package] =
                std::max(next_core[*processor.package], *processor.core + 1);
    for (usize i = 0; i < list.size(); ++i) {
        if (list[i].started)
            continue;
        bool after = i > 0 && (list[i - 1].apic_id ^ list[i].apic_id) == 1;
        bool before = i + 1 < list.size() && (list[i + 1].apic_id ^ list[i].apic_id) == 1;
        const Processor* sibling = after ? &list[i - 1] : before ? &list[i + 1] : nullptr;
        if (sibling != nullptr && sibling->core) {
            list[i].package = sibling->package;
            list[i].core = sibling->core;
            list[i].thread = sibling->thread.value_or(0) + 1;
            continue;
        }
        u32 package = i > 0 ? list[i - 1].package.value_or(0) : 0;
        list[i].package = package;
        list[i].core = next_core[package]++;
        list[i].thread = 0;
    }
}

} // namespace

Processors read_processors(const Tree& tree, const std::vector<u32>& enabled) {
    Processors processors;
    read_cpuinfo(tree, processors);
    by_apic_id(processors.list);
    read_places(tree, processors.list);
    add_others(processors.list, enabled);
    by_apic_id(processors.list);
    guess_places(processors.list);
    return processors;
}

} // namespace cloison::describe
