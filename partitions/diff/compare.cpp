// SPDX-License-Identifier: Apache-2.0
#include "partitions/diff/diff.hpp"
#include "partitions/diff/facts.hpp"
#include "partitions/diff/moves.hpp"
#include "partitions/diff/shared.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cloison::diff {

namespace {

bool same_places(const std::vector<PlannedMemory>& a, const std::vector<PlannedMemory>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const PlannedMemory& x, const PlannedMemory& y) {
                          return x.guest == y.guest && x.host == y.host && x.size == y.size;
                      });
}

class Comparison {
  public:
    Comparison(const CompiledLayout& before, const CompiledLayout& after)
        : before_(before),
          after_(after) {}

    std::vector<Change> run() {
        if (before_.layout.name != after_.layout.name)
            add("label", "layout", "name", before_.layout.name, after_.layout.name, {});
        auto olds = facts_of_platform(before_), news = facts_of_platform(after_);
        for (usize i = 0; i < news.size(); ++i)
            if (olds[i].value != news[i].value)
                add(news[i].rule, "platform", news[i].what, olds[i].value, news[i].value, {});
        compare_partitions();
        compare_shared(before_, after_, changes_);
        return std::move(changes_);
    }

  private:
    void add(std::string_view rule, const std::string& subject, std::string_view what,
             const std::string& from, const std::string& to, std::vector<std::string> partitions,
             std::string because = {}) {
        changes_.push_back({&need_rule(rule), subject, std::string(what), from, to,
                            std::move(because), std::move(partitions)});
    }

    void compare_partitions() {
        std::map<std::string_view, usize> olds, news;
        for (usize i = 0; i < before_.layout.partitions.size(); ++i)
            olds.emplace(before_.layout.partitions[i].name, i);
        for (usize i = 0; i < after_.layout.partitions.size(); ++i) {
            const std::string& name = after_.layout.partitions[i].name;
            news.emplace(name, i);
            if (auto old = olds.find(name); old != olds.end())
                compare_partition(old->second, i, name);
            else
                add("partition-added", "partition " + name, "added", "", size(after_, i), {name});
        }
        for (usize i = 0; i < before_.layout.partitions.size(); ++i)
            if (const std::string& name = before_.layout.partitions[i].name; !news.contains(name))
                add(before_.plan.partitions[i].identity_mapped ? "identity-map"
                                                               : "partition-removed",
                    "partition " + name, "removed", size(before_, i), "", {name});
    }

    static std::string size(const CompiledLayout& compiled, usize i) {
        auto facts = facts_of_partition(compiled, i);
        std::string text;
        for (const Fact& fact : facts)
            if (fact.rule == "processors" || fact.rule == "memory")
                text += (text.empty() ? "" : ", ") + fact.value;
        return text;
    }

    void compare_partition(usize a, usize b, const std::string& name) {
        auto olds = facts_of_partition(before_, a), news = facts_of_partition(after_, b);
        const PlannedPartition& old = before_.plan.partitions[a];
        const PlannedPartition& now = after_.plan.partitions[b];
        std::string subject = "partition " + name;
        bool same_cpus = true, same_memory = true;
        for (usize i = 0; i < news.size(); ++i) {
            if (olds[i].value == news[i].value)
                continue;
            same_cpus = same_cpus && news[i].rule != "processors";
            same_memory = same_memory && news[i].rule != "memory";
            bool control = news[i].rule == "role" &&
                           (olds[i].value == "control" || news[i].value == "control");
            std::string_view rule = control ? "control" : news[i].rule;
            // The path of an image tells nothing where its bytes have changed.
            if (rule == "image-path" && olds[i - 1].value != news[i - 1].value)
                continue;
            bool restarts = need_rule(rule).needs == Needs::partitions;
            add(rule, subject, news[i].what, olds[i].value, news[i].value,
                restarts ? std::vector{name} : std::vector<std::string>{});
        }
        if (same_cpus && old.apic_ids != now.apic_ids)
            add("processors-moved", subject, "CPUs moved", in_words(old.apic_ids),
                in_words(now.apic_ids), {name}, holder_of_cpus(old.apic_ids, after_, name));
        compare_memory(subject, old, now, same_memory, name);
    }

    void compare_memory(const std::string& subject, const PlannedPartition& old,
                        const PlannedPartition& now, bool same_size, const std::string& name) {
        if (same_places(old.memory, now.memory) && old.identity_mapped == now.identity_mapped)
            return;
        if (old.identity_mapped || now.identity_mapped)
            add("identity-map", subject, "memory at the machine's own addresses",
                places(old.memory), places(now.memory), {name});
        else if (same_size)
            add("memory-moved", subject, "memory moved", places(old.memory), places(now.memory),
                {name}, holder_of_memory(old.memory, after_, name));
    }

    const CompiledLayout &before_, &after_;
    std::vector<Change> changes_;
};

/// Warnings that there are in `some` and not in `others`: where they stand in the file changes
/// easily, and means nothing.
std::vector<std::string> warnings_beyond(const Diagnostics& some, const Diagnostics& others) {
    std::multiset<std::string> rest;
    for (const Diagnostic& finding : others.list())
        rest.insert(finding.rule + ": " + finding.message);
    std::vector<std::string> beyond;
    for (const Diagnostic& finding : some.list()) {
        std::string text = finding.rule + ": " + finding.message;
        if (auto found = rest.find(text); found != rest.end())
            rest.erase(found);
        else
            beyond.push_back(text);
    }
    return beyond;
}

} // namespace

std::vector<Change> compare(const Compilation& before, const Compilation& after) {
    auto changes = Comparison(*before.value, *after.value).run();
    const NeedRule& rule = need_rule("warning");
    for (const auto& text : warnings_beyond(before.diagnostics, after.diagnostics))
        changes.push_back({&rule, "warning", "gone", text, ""});
    for (const auto& text : warnings_beyond(after.diagnostics, before.diagnostics))
        changes.push_back({&rule, "warning", "new", "", text});
    return changes;
}

} // namespace cloison::diff
