// SPDX-License-Identifier: Apache-2.0
// A second opinion on the tables: the reference disassembler must read each without complaint.
#include "partitions/acpi/acpi_tables.hpp"
#include "tests/unit/acpi/acpi_reader.hpp"

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cloison {
namespace {

namespace fs = std::filesystem;
using test::AcpiReader;

struct Output {
    int status;
    std::string text;
};

Output run(const std::string& command) {
    Output output{-1, {}};
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr)
        return output;
    std::array<char, 512> chunk{};
    while (fgets(chunk.data(), chunk.size(), pipe) != nullptr)
        output.text += chunk.data();
    output.status = pclose(pipe);
    return output;
}

class Disassembly : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "cloison-acpi-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    /// The source that the disassembler makes of a table.
    std::string disassemble(const std::string& name, std::span<const u8> table) {
        fs::path binary = folder_ / (name + ".dat");
        std::ofstream(binary, std::ios::binary)
            .write(reinterpret_cast<const char*>(table.data()),
                   static_cast<std::streamsize>(table.size()));
        Output output = run(std::string(IASL) + " -d " + binary.string());
        EXPECT_EQ(output.status, 0) << name << ": " << output.text;
        expect_no_complaint(name, output.text);
        std::ifstream source(folder_ / (name + ".dsl"));
        return {std::istreambuf_iterator<char>(source), {}};
    }

    static void expect_no_complaint(const std::string& name, const std::string& text) {
        for (const char* word : {"Error", "error", "Warning", "warning", "Invalid", "incorrect"})
            EXPECT_EQ(text.find(word), std::string::npos) << name << ": " << text;
    }

    fs::path folder_;
};

TEST_F(Disassembly, EveryTableIsUnderstood) {
    for (u32 cpus : {2u, 300u}) {
        AcpiParameters parameters;
        parameters.cpus = cpus;
        parameters.server = cpus == 2;
        AcpiReader acpi(acpi_tables(parameters));
        auto tables = acpi.tables();
        tables["FACS"] = acpi.table(AcpiReader::number(tables.at("FACP"), 132, 8));
        for (const auto& [name, table] : tables) {
            std::string source = disassemble(name, table);
            EXPECT_GT(source.size(), 100u) << name;
            expect_no_complaint(name, source);
        }
    }
}

/// Without white space and comments.
std::string packed(const std::string& source) {
    std::string text;
    for (usize i = 0; i < source.size(); ++i) {
        if (source.compare(i, 2, "//") == 0)
            i = source.find('\n', i);
        else if (std::isspace(static_cast<unsigned char>(source[i])) == 0)
            text += source[i];
    }
    return text;
}

TEST_F(Disassembly, ServersHaveAWindowAndRoutes) {
    AcpiParameters parameters;
    parameters.server = true;
    parameters.routes = {{1, 14}, {2, 17}, {31, 16}};
    AcpiReader server(acpi_tables(parameters));
    std::string text = packed(disassemble("server", server.tables().at("DSDT")));
    EXPECT_NE(text.find("0x0000004000000000,0x0000007FFFFFFFFF,"), std::string::npos) << text;
    auto route = [](const char* slot, const char* pin) {
        return "Package(0x04){0x00" + std::string(slot) + "FFFF,Zero,Zero," + pin + "}";
    };
    for (const std::string& wanted :
         {route("01", "0x0000000E"), route("02", "0x00000011"), route("1F", "0x00000010"),
          route("03", "0x00000017"), route("1E", "0x00000017")})
        EXPECT_NE(text.find(wanted), std::string::npos) << wanted << " in " << text;
    EXPECT_EQ(text.find("0xC101"), std::string::npos) << "all are replaced";
    AcpiReader client(acpi_tables({}));
    text = packed(disassemble("client", client.tables().at("DSDT")));
    EXPECT_EQ(text.find("_PRT"), std::string::npos);
    EXPECT_EQ(text.find("QWordMemory"), std::string::npos);
}

TEST_F(Disassembly, DamagedTableIsComplainedAbout) {
    AcpiReader acpi(acpi_tables({}));
    auto tables = acpi.tables();
    std::vector<u8> madt(tables.at("APIC").begin(), tables.at("APIC").end());
    madt[40] ^= 0xFF;
    std::ofstream(folder_ / "bad.dat", std::ios::binary)
        .write(reinterpret_cast<const char*>(madt.data()),
               static_cast<std::streamsize>(madt.size()));
    Output output = run(std::string(IASL) + " -d " + (folder_ / "bad.dat").string());
    EXPECT_NE(output.text.find("ncorrect checksum"), std::string::npos) << output.text;
}

} // namespace
} // namespace cloison
