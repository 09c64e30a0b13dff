// SPDX-License-Identifier: Apache-2.0
// Files and layouts of a size that nobody keeps as a sample.
#include "partitions/compile.hpp"
#include "partitions/xml/lint.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>

namespace cloison::test {
namespace {

class Limits : public testing::Test {
  protected:
    /// The rules that a file of this text breaks, each once.
    std::vector<std::string> broken(const std::string& text) {
        std::ofstream(share_.path() / "layout.xml", std::ios::binary) << text;
        return rules_of(compile(share_.path() / "layout.xml", Purpose::model));
    }
    static std::vector<std::string> rules_of(const Compilation& compilation) {
        std::vector<std::string> rules;
        for (const Diagnostic& finding : compilation.diagnostics.list())
            if (finding.severity == Severity::error)
                rules.push_back(finding.rule);
        std::sort(rules.begin(), rules.end());
        rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
        return rules;
    }
    static std::string partition(usize number, const std::string& inside,
                                 const std::string& role = "client") {
        return "<partition name=\"p" + std::to_string(number) + "\" role=\"" + role +
               "\"><processors mode=\"dedicated\" desired=\"1\"/><memory desired=\"32MiB\"/>" +
               inside + "<boot kind=\"linux\" kernel=\"guest:test/vmlinuz\"/></partition>\n";
    }
    static std::string make_partition(usize number, const std::string& inside, bool server) {
        return partition(number, inside, server ? "io-server" : "client");
    }
    static std::string read(const std::filesystem::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    /// A platform with room for a thousand partitions.
    std::string layout(const std::string& inside) {
        std::ofstream platform(share_.path() / "platform.xml");
        platform << "<platform name=\"large\" large-pages-1g=\"yes\">";
        for (u32 id = 0; id < 2048; ++id)
            platform << "<processor apic-id=\"" << id << "\"/>";
        platform << "<ram base=\"1MiB\" size=\"1023MiB\"/><ram base=\"4GiB\" size=\"64GiB\"/>"
                    "<firmware base=\"2MiB\" size=\"512MiB\"/>"
                    "<staging base=\"768MiB\" size=\"256MiB\"/></platform>";
        return "<layout name=\"l\" platform=\"platform.xml\">" + inside + "</layout>";
    }

    TestShare share_;
};

using Rules = std::vector<std::string>;

TEST_F(Limits, PartitionsOfALayout) {
    std::string most;
    for (usize i = 0; i < abi::max_partitions; ++i)
        most += partition(i, "");
    EXPECT_EQ(broken(layout(most)), Rules{});
    EXPECT_EQ(broken(layout(most + partition(abi::max_partitions, ""))),
              Rules{"too-many-partitions"});
}

TEST_F(Limits, ConsolesOnTheSerialLine) {
    std::string partitions;
    for (usize i = 0; i < 223; ++i)
        partitions += partition(i, "<console/>");
    EXPECT_EQ(broken(layout(partitions)), Rules{});
    EXPECT_EQ(broken(layout(partitions + partition(223, "<console/>"))), Rules{"console-channel"});
}

TEST_F(Limits, ClientsOfAServer) {
    std::string partitions = "<switch name=\"s\" server=\"p0\"/>" + partition(0, "", "io-server");
    for (usize i = 1; i <= 30; ++i)
        partitions += partition(i, "<network switch=\"s\"/>");
    EXPECT_EQ(broken(layout(partitions)), Rules{});
    EXPECT_EQ(broken(layout(partitions + partition(31, "<network switch=\"s\"/>"))),
              Rules{"server-fan-out"});
}

TEST_F(Limits, AddressesOfAServer) {
    auto with_memory = [&](const std::vector<std::string>& sizes) {
        std::string partitions = "<switch name=\"s\" server=\"p0\"/>";
        for (usize i = 0; i < sizes.size(); ++i) {
            std::string one =
                i == 0 ? partition(0, "", "io-server") : partition(i, "<network switch=\"s\"/>");
            partitions += one.replace(one.find("32MiB"), 5, sizes[i]);
        }
        std::string text = layout(partitions);
        std::string platform = read(share_.path() / "platform.xml");
        platform.replace(platform.find("size=\"64GiB\""), 12, "size=\"900GiB\"");
        std::ofstream(share_.path() / "platform.xml") << platform;
        return broken(text);
    };
    EXPECT_EQ(with_memory({"32MiB", "100GiB", "127GiB"}), Rules{});
    EXPECT_EQ(with_memory({"32MiB", "100GiB", "128GiB"}), Rules{"server-windows"})
        << "with the GiB of the devices it is more than a half of the window";
    EXPECT_EQ(with_memory({"255GiB", "32MiB"}), Rules{});
    EXPECT_EQ(with_memory({"256GiB", "32MiB"}), Rules{"server-memory"});
}

/// Servers with 30 clients each, these with 31 of the same thing.
std::string clients(usize count, const std::string& server, const std::string& thing,
                    const std::function<std::string(usize, const std::string&, bool)>& partition) {
    std::string text, things;
    for (usize i = 0; i < count; ++i) {
        std::string number = std::to_string(i / 30);
        if (i % 30 == 0)
            text += partition(1000 + i / 30, "", true);
        std::string one = thing;
        one.replace(one.find('#'), 1, number);
        things.clear();
        for (usize n = 0; n < 31; ++n)
            things += one;
        text += partition(i, things, false);
    }
    std::string servers;
    for (usize i = 0; i <= (count - 1) / 30; ++i) {
        std::string one = server, number = std::to_string(i);
        for (usize at = 0; (at = one.find('#', at)) != std::string::npos;)
            one.replace(at, 1, number);
        servers += one;
    }
    return servers + text;
}

TEST_F(Limits, FunctionsOfALayout) {
    auto of = [&](usize count) {
        return broken(layout(clients(count, "<switch name=\"s#\" server=\"p100#\"/>",
                                     "<network switch=\"s#\"/>", make_partition)));
    };
    constexpr usize most = abi::max_functions / 31;
    EXPECT_EQ(of(most), Rules{});
    EXPECT_EQ(of(most + 1), Rules{"served-count"});
}

TEST_F(Limits, BytesOfAManifest) {
    auto errors = [&](usize bytes) {
        std::string volume = "<volume name=\"v#\" server=\"p100#\" shareable=\"yes\" "
                             "size=\"1MiB\" backing=\"file:" +
                             std::string(bytes, '%') + "\"/>";
        std::ofstream(share_.path() / "layout.xml")
            << layout(clients(240, volume, "<disk volume=\"v#\"/>", make_partition));
        auto compiled = compile(share_.path() / "layout.xml", Purpose::model);
        EXPECT_NE(compiled.ok(), bytes > 100);
        return compiled.diagnostics.errors(); // of which there are too many warnings to see one
    };
    EXPECT_EQ(errors(100), 0u);
    EXPECT_EQ(errors(1000), 1u);
}

TEST_F(Limits, MemoryOfTheFirmware) {
    std::string partitions = layout(partition(0, "") + partition(1, ""));
    std::string platform = (share_.path() / "platform.xml").string();
    std::string text;
    std::getline(std::ifstream(platform), text, '\0');
    text.replace(text.find("size=\"512MiB\""), 13, "size=\"4MiB\"");
    std::string many;
    for (usize i = 0; i < 400; ++i)
        many += partition(i, "");
    many = layout(many);
    std::ofstream(platform) << text;
    EXPECT_EQ(broken(many), Rules{"firmware-memory"});
}

TEST_F(Limits, BlocksOfMemory) {
    auto pieces = [&](u64 count) {
        std::string at;
        for (u64 i = 0; i < count; ++i) // descending, so that no two are one block
            at += "<at base=\"" + std::to_string(16 * 1024 - 2 * i) + "MiB\" size=\"2MiB\"/>";
        std::string one = partition(0, "");
        std::string memory =
            "<memory desired=\"" + std::to_string(2 * count) + "MiB\">" + at + "</memory>";
        one.replace(one.find("<memory"), std::string("<memory desired=\"32MiB\"/>").size(), memory);
        return layout(one);
    };
    auto with_blocks = broken(pieces(abi::max_memory_blocks + 1));
    EXPECT_NE(std::find(with_blocks.begin(), with_blocks.end(), "memory-blocks"),
              with_blocks.end());
    EXPECT_EQ(broken(pieces(32)), Rules{});
}

TEST_F(Limits, DevicesOfAPlatform) {
    auto with_ports = [&](u32 count) {
        std::string text = layout(partition(0, ""));
        std::string platform;
        std::getline(std::ifstream(share_.path() / "platform.xml"), platform, '\0');
        std::string device = "<device address=\"0000:00:02.0\" class=\"other\">";
        for (u32 i = 0; i < count; ++i)
            device += "<ports base=\"0x" + std::string(1, "123456789abcdef"[i / 4096]) +
                      std::to_string(i % 4096 + 1000).substr(0, 4).substr(1) + "\" count=\"1\"/>";
        platform.insert(platform.find("<firmware"), device + "</device>");
        std::ofstream(share_.path() / "platform.xml") << platform;
        return broken(text);
    };
    EXPECT_EQ(with_ports(10), Rules{});
    auto rules = with_ports(abi::max_resources + 1);
    EXPECT_NE(std::find(rules.begin(), rules.end(), "device-count"), rules.end());
}

// --- hostile files: each gets an error, soon ---

TEST_F(Limits, AttributeOfAGibibyte) {
    auto file = share_.path() / "layout.xml";
    std::ofstream(file, std::ios::binary) << "<layout name=\"";
    std::filesystem::resize_file(file, gib); // NULs, which cost no space
    EXPECT_EQ(rules_of(compile(file)), Rules{"xml-size"});
}

TEST_F(Limits, AttributeAsLargeAsAFileMayBe) {
    std::string text = "<layout name=\"" + std::string(15 * mib, 'a') + "\" platform=\"p\"/>";
    EXPECT_EQ(broken(text), (Rules{"name", "no-partitions", "platform-missing"}));
}

TEST_F(Limits, EntityBomb) {
    std::string bomb = "<!DOCTYPE layout [<!ENTITY a \"aaaaaaaaaa\">";
    for (char c = 'b'; c <= 'z'; ++c) {
        std::string ten;
        for (int i = 0; i < 10; ++i)
            ten += "&" + std::string(1, static_cast<char>(c - 1)) + ";";
        bomb += "<!ENTITY " + std::string(1, c) + " \"" + ten + "\">";
    }
    EXPECT_EQ(broken(bomb + "]><layout name=\"&z;\" platform=\"p\"/>"), Rules{"xml-doctype"});
}

TEST_F(Limits, Nesting) {
    std::string deep;
    for (int i = 0; i < 500'000; ++i)
        deep += "<a>";
    EXPECT_EQ(broken("<layout>" + deep), Rules{"xml-nesting"});
}

TEST_F(Limits, Findings) {
    std::string many = "<layout name=\"l\" platform=\"p\">";
    for (int i = 0; i < 100'000; ++i)
        many += "<x/>";
    std::ofstream(share_.path() / "layout.xml") << many << "</layout>";
    Compilation compilation = compile(share_.path() / "layout.xml");
    EXPECT_EQ(compilation.diagnostics.list().size(), Diagnostics::kept_at_most);
    EXPECT_EQ(compilation.diagnostics.errors(), 100'002u);
}

TEST_F(Limits, FilesThatIncludeEachOther) {
    for (int i = 0; i < 20; ++i) {
        std::ofstream part(share_.path() / ("part" + std::to_string(i) + ".xml"));
        part << "<platform-part>";
        for (int twice = 0; twice < 2; ++twice)
            part << "<include file=\"part" << i + 1 << ".xml\"/>";
        part << "</platform-part>";
    }
    std::ofstream(share_.path() / "part20.xml") << "<platform-part/>";
    std::ofstream(share_.path() / "platform.xml")
        << "<platform name=\"p\" large-pages-1g=\"no\"><include file=\"part0.xml\"/>"
           "<firmware base=\"2MiB\" size=\"4MiB\"/><staging base=\"6MiB\" size=\"4MiB\"/>"
           "</platform>";
    auto rules = broken("<layout name=\"l\" platform=\"platform.xml\"/>");
    EXPECT_NE(std::find(rules.begin(), rules.end(), "include-cycle"), rules.end());
}

} // namespace
} // namespace cloison::test
