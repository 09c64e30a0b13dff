// SPDX-License-Identifier: Apache-2.0
#include "partitions/diff/shared.hpp"
#include "partitions/diff/facts.hpp"
#include "partitions/diff/moves.hpp"
#include "partitions/rules/index.hpp"

#include <map>
#include <set>

namespace cloison::diff {

namespace {

using Names = std::set<std::string>;

/// The partitions that use something, by kind and name of it: "pool common".
std::map<std::string, Names> users_of(const Layout& layout) {
    std::map<std::string, Names> users;
    for (const LayoutPartition& partition : layout.partitions) {
        if (partition.shares())
            users["pool " + partition.processors().pool].insert(partition.name);
        for (const Disk& disk : partition.disks)
            users["volume " + disk.volume].insert(partition.name);
        for (const Network& network : partition.networks)
            users["switch " + network.switch_name].insert(partition.name);
        for (const Console& console : partition.consoles)
            if (!console.server.empty())
                users["server " + console.server].insert(partition.name);
    }
    for (const Volume& volume : layout.volumes)
        users["server " + volume.server].merge(Names(users["volume " + volume.name]));
    for (const Switch& one : layout.switches)
        users["server " + one.server].merge(Names(users["switch " + one.name]));
    return users;
}

class Comparison {
  public:
    Comparison(const CompiledLayout& before, const CompiledLayout& after,
               std::vector<Change>& changes)
        : before_(before),
          after_(after),
          changes_(changes),
          old_partitions_(before.layout.partitions),
          new_partitions_(after.layout.partitions),
          old_users_(users_of(before.layout)),
          new_users_(users_of(after.layout)) {}

    void run() {
        compare_pools();
        compare_things("volume", before_.layout.volumes, after_.layout.volumes);
        compare_things("switch", before_.layout.switches, after_.layout.switches);
        compare_servers();
    }

  private:
    [[nodiscard]] bool stays(const std::string& name) const {
        return old_partitions_.find(name) != nullptr && new_partitions_.find(name) != nullptr;
    }

    /// Users before or after that are there both times; the others are started or stopped anyway.
    std::vector<std::string> users(const std::string& thing) {
        Names all = old_users_[thing];
        all.insert(new_users_[thing].begin(), new_users_[thing].end());
        std::vector<std::string> staying;
        for (const std::string& name : all)
            if (stays(name))
                staying.push_back(name);
        return staying;
    }

    void add(std::string_view rule, const std::string& subject, std::string_view what,
             const std::string& from, const std::string& to, std::vector<std::string> partitions) {
        changes_.push_back(
            {&need_rule(rule), subject, std::string(what), from, to, {}, std::move(partitions)});
    }

    static std::map<std::string, std::string> pools_of(const CompiledLayout& compiled) {
        std::map<std::string, std::string> pools;
        for (usize i = 0; i < compiled.layout.pools.size(); ++i)
            pools.emplace(compiled.layout.pools[i].name, in_words(compiled.plan.pools[i]));
        return pools;
    }

    void compare_pools() {
        auto olds = pools_of(before_), news = pools_of(after_);
        Names names;
        for (const auto* pools : {&olds, &news})
            for (const auto& [name, cpus] : *pools)
                names.insert(name);
        for (const std::string& name : names)
            if (olds[name] != news[name])
                add("pool", "pool " + name, "CPUs", olds[name], news[name], users("pool " + name));
    }

    template <typename T>
    void compare_things(const std::string& kind, const std::vector<T>& before,
                        const std::vector<T>& after) {
        Index<T> olds(before), news(after);
        for (const T& thing : after) {
            std::string subject = kind + " " + thing.name;
            if (const T* old = olds.find(thing.name))
                compare_facts(subject, facts_of(*old), facts_of(thing), thing.server);
            else
                add(kind, subject, "added", "", "served by " + thing.server, users(subject));
        }
        for (const T& thing : before)
            if (news.find(thing.name) == nullptr)
                add(kind, kind + " " + thing.name, "removed", "served by " + thing.server, "",
                    users(kind + " " + thing.name));
    }

    void compare_facts(const std::string& subject, const std::vector<Fact>& olds,
                       const std::vector<Fact>& news, const std::string& server) {
        for (usize i = 0; i < news.size(); ++i) {
            if (olds[i].value == news[i].value)
                continue;
            std::vector<std::string> whom;
            if (need_rule(news[i].rule).needs == Needs::partitions)
                whom = news[i].rule != "uplink" ? users(subject)
                       : stays(server)          ? std::vector{server}
                                                : whom;
            add(news[i].rule, subject, news[i].what, olds[i].value, news[i].value, whom);
        }
    }

    void compare_servers() {
        auto text = [](const Names& names) {
            std::string all;
            for (const std::string& name : names)
                all += (all.empty() ? "" : " ") + name;
            return all;
        };
        for (const LayoutPartition& partition : after_.layout.partitions) {
            std::string key = "server " + partition.name;
            if (stays(partition.name) && old_users_[key] != new_users_[key])
                add("server-clients", "partition " + partition.name, "clients",
                    text(old_users_[key]), text(new_users_[key]), {partition.name});
        }
    }

    const CompiledLayout &before_, &after_;
    std::vector<Change>& changes_;
    Index<LayoutPartition> old_partitions_, new_partitions_;
    std::map<std::string, Names> old_users_, new_users_;
};

} // namespace

void compare_shared(const CompiledLayout& before, const CompiledLayout& after,
                    std::vector<Change>& changes) {
    Comparison(before, after, changes).run();
}

} // namespace cloison::diff
