// SPDX-License-Identifier: Apache-2.0
// Each change is found, alone, and takes what the table says.
#include "partitions/command/diff_text.hpp"
#include "partitions/diff/diff.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace cloison::test {
namespace {

using diff::Change;
using diff::Needs;

std::string all_text(const Diagnostics& findings) {
    std::string all;
    for (const Diagnostic& finding : findings.list())
        all += to_text(finding, false);
    return all;
}

/// `text` with `from`, which is in it, replaced.
std::string with(std::string text, const std::string& from, const std::string& to) {
    usize at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string rules_of(const std::vector<Change>& changes) {
    std::string all;
    for (const Change& change : changes)
        all += (all.empty() ? "" : " ") + std::string(change.rule->id);
    return all;
}

class Diff : public testing::Test {
  protected:
    Diff()
        : layout_(read_text(samples() / "good-everything.xml")),
          platform_(read_text(samples() / "platforms" / "server.xml")) {
        layout_ = with(layout_, "platforms/server.xml", "platform.xml");
    }

    Compilation compile_text(const std::string& layout, const std::string& platform) {
        std::ofstream(share_.path() / "platform.xml") << platform;
        std::ofstream(share_.path() / "layout.xml") << layout;
        Compilation result = compile(share_.path() / "layout.xml", Purpose::model);
        EXPECT_TRUE(result.ok()) << all_text(result.diagnostics);
        return result;
    }

    std::vector<Change> changes(const std::string& layout, const std::string& platform) {
        Compilation before = compile_text(layout_, platform_);
        Compilation after = compile_text(layout, platform);
        return before.ok() && after.ok() ? diff::compare(before, after) : std::vector<Change>{};
    }
    std::vector<Change> changes(const std::string& layout) { return changes(layout, platform_); }

    TestShare share_;
    std::string layout_, platform_;
};

TEST_F(Diff, OfALayoutWithItselfIsNone) {
    EXPECT_TRUE(changes(layout_).empty());
    EXPECT_EQ(command::diff_text({}), "no difference\n");
}

struct Edit {
    const char* from;
    const char* to;
    const char* rules;      // all that are named, in order
    const char* partitions; // to be restarted
};

TEST_F(Diff, FindsEachChangeAndWhatItTakes) {
    constexpr Edit edits[] = {
        {"layout name=\"sample\"", "layout name=\"other\"", "label networks", "alpha"},
        {"accounting group=\"billing\"", "accounting group=\"free\"", "accounting", ""},
        {"utilization=\"0.4\"", "utilization=\"0.5\"", "workload", ""},
        {"rate=\"5000/s\"", "rate=\"6000/s\"", "capacity", ""},
        {"activation=\"20\"", "activation=\"21\"", "activation", ""},
        {"minimum=\"64MiB\" desired=\"128MiB\" maximum", "desired=\"128MiB\" maximum", "bounds",
         ""},
        {"entitlement=\"0.5\"", "entitlement=\"0.75\"", "processors", "alpha"},
        {"weight=\"200\"", "weight=\"100\"", "processors", "alpha"},
        {"<memory desired=\"1GiB\" page-size=\"1GiB\"/>", "<memory desired=\"1GiB\"/>", "memory",
         "alpha"},
        {"interrupts=\"direct\"", "", "interrupts", "alpha"},
        {"<serial port=\"0x2F8\"/>", "", "devices", "control"},
        {"<disk volume=\"seed\" read-only=\"yes\"/>", "<disk volume=\"seed\"/>", "disks", "alpha"},
        {"vlan=\"10\"", "vlan=\"11\"", "networks", "alpha"},
        {"<console type=\"virtio\" server=\"control\"/>", "", "consoles", "alpha"},
        {"<disk volume=\"data\"/>\n    <security", "<security", "disks server-clients", "beta io"},
        {"command-line=\"console=ttyS0\"", "command-line=\"quiet\"", "boot", "alpha"},
        {"kernel=\"guest:test/vmlinuz\" initrd=", "kernel=\"guest:test/terse-vmlinuz\" initrd=",
         "boot", "alpha"},
        {"initrd=\"guest:test/initrd\"", "initrd=\"guest:test/same-initrd\"", "image-path", ""},
        {"limit=\"5\"", "limit=\"6\"", "failure", "alpha"},
        {"cache-ways=\"4\"", "cache-ways=\"5\"", "cache", "beta"},
        {"size=\"1TiB\"", "size=\"2TiB\"", "volume", "alpha beta"},
        {"uplink=\"0000:02:00.0\" ", "", "uplink", "io"},
        {"backing=\"file:/srv/root.img\"", "backing=\"file:/srv/new.img\"", "volume", "io"},
    };
    for (const Edit& edit : edits) {
        SCOPED_TRACE(edit.to);
        auto found = changes(with(layout_, edit.from, edit.to));
        EXPECT_EQ(rules_of(found), edit.rules);
        std::string names;
        for (const std::string& name : diff::touched(found))
            names += (names.empty() ? "" : " ") + name;
        EXPECT_EQ(names, edit.partitions);
        EXPECT_EQ(diff::needs_of(found), names.empty() ? Needs::nothing : Needs::partitions);
    }
}

TEST_F(Diff, OfPlatformsTakesTheMachine) {
    constexpr std::pair<const char*, const char*> edits[] = {
        {"<iommu present=\"yes\"/>", "<iommu present=\"yes\"/><machine emulator=\"bochs\" "
                                     "model=\"x\" memory=\"10GiB\"/>"},
        {"staging base=\"0x78000000\" size=\"64MiB\"",
         "staging base=\"0x78000000\" size=\"32MiB\""},
        {"firmware base=\"2MiB\" size=\"4MiB\"", "firmware base=\"2MiB\" size=\"6MiB\""},
        {"dma-bits=\"32\"", "dma-bits=\"64\""},
        {"<cache level=\"3\" ways=\"11\"", "<cache level=\"3\" ways=\"12\""}};
    for (const auto& [from, to] : edits)
        EXPECT_EQ(diff::needs_of(changes(layout_, with(platform_, from, to))), Needs::machine)
            << to;
    EXPECT_EQ(rules_of(changes(layout_, with(platform_, "name=\"server\"", "name=\"box\""))),
              "label");
}

TEST_F(Diff, OfAControlPartitionWithoutIommuTakesTheMachine) {
    platform_ = with(platform_, "<iommu present=\"yes\"/>", "<iommu present=\"no\"/>");
    layout_ = "<layout name=\"x\" platform=\"platform.xml\"><partition name=\"control\" "
              "role=\"control\"><processors mode=\"dedicated\" desired=\"1\"/><memory "
              "desired=\"64MiB\"/><device address=\"0000:02:00.0\"/><boot kind=\"linux\" "
              "kernel=\"guest:test/vmlinuz\"/></partition></layout>";
    auto found = changes(with(layout_, "64MiB", "96MiB"));
    EXPECT_EQ(rules_of(found), "memory identity-map");
    EXPECT_EQ(diff::needs_of(found), Needs::machine);
}

TEST_F(Diff, SaysWhoHasThePlaceOfWhoMoved) {
    layout_ = "<layout name=\"x\" platform=\"platform.xml\"><partition name=\"a\" role=\"client\">"
              "<processors mode=\"dedicated\" desired=\"1\"/><memory desired=\"64MiB\"/><boot "
              "kind=\"linux\" kernel=\"guest:test/vmlinuz\"/></partition></layout>";
    u64 host = 0;
    {
        Compilation before = compile_text(layout_, platform_);
        host = before.value->plan.partitions[0].memory[0].host;
        ASSERT_EQ(before.value->plan.partitions[0].apic_ids, std::vector<u32>{0});
    }
    auto found = changes(
        with(layout_, "</layout>",
             "<partition name=\"b\" role=\"client\"><processors mode=\"dedicated\"><cpu "
             "apic-id=\"0\"/><cpu apic-id=\"1\"/></processors><memory desired=\"64MiB\"><at "
             "base=\"" +
                 std::to_string(host / kib) +
                 "KiB\" size=\"64MiB\"/></memory><boot kind=\"linux\" "
                 "kernel=\"guest:test/vmlinuz\"/></partition></layout>"));
    EXPECT_EQ(rules_of(found), "processors-moved memory-moved partition-added");
    EXPECT_EQ(found.at(0).because, "b has CPU 0 now");
    EXPECT_TRUE(found.at(1).because.starts_with("b has memory at 0x")) << found.at(1).because;
    EXPECT_EQ(diff::touched(found), (std::vector<std::string>{"a", "b"}));
}

TEST_F(Diff, FindsWhoIsNewAndWhoIsGone) {
    std::string less = layout_;
    usize at = less.find("  <partition name=\"beta\"");
    less.erase(at, less.find("</layout>") - at);
    auto found = changes(less);
    // Others move too, since the planner finds them other places.
    auto has = [](const std::vector<Change>& all, const char* rule, const std::string& name) {
        return std::any_of(all.begin(), all.end(), [&](const Change& change) {
            return change.rule->id == rule && change.partitions == std::vector{name};
        });
    };
    EXPECT_TRUE(has(found, "partition-removed", "beta"));
    EXPECT_TRUE(has(found, "server-clients", "io"));
    std::swap(layout_, less);
    found = changes(less);
    EXPECT_TRUE(has(found, "partition-added", "beta"));
    EXPECT_TRUE(has(found, "server-clients", "io"));
}

TEST_F(Diff, IsReadOnATerminal) {
    auto found =
        changes(with(layout_, "command-line=\"console=ttyS0\"",
                     "command-line=\"" + std::string(60, 'x') + " " + std::string(60, 'y') + "\""));
    std::string text = command::diff_text(found);
    EXPECT_NE(text.find("partition alpha: command line [restart of alpha]\n"), std::string::npos)
        << text;
    EXPECT_TRUE(text.ends_with("\n1 change. To restart, start or stop: alpha\n")) << text;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80u) << line;
}

TEST(NeedRules, AreInTheDocumentation) {
    std::string text = read_text(CLOISON_SOURCE "/docs/layout-language.md");
    for (const diff::NeedRule& rule : diff::need_rules()) {
        std::string row = "| `" + std::string(rule.id) + "` | " +
                          std::string(needs_name(rule.needs)) + " | " + std::string(rule.reason) +
                          " |\n";
        EXPECT_NE(text.find(row), std::string::npos) << row;
    }
}

TEST(NeedRules, AreTheirOwnAndHaveReasons) {
    std::set<std::string_view> ids;
    for (const diff::NeedRule& rule : diff::need_rules()) {
        EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
        EXPECT_TRUE(rule.reason.ends_with('.')) << rule.id;
        EXPECT_EQ(&diff::need_rule(rule.id), &rule);
    }
    EXPECT_THROW(static_cast<void>(diff::need_rule("no-such-rule")), std::logic_error);
}

} // namespace
} // namespace cloison::test
