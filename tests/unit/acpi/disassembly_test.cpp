// SPDX-License-Identifier: Apache-2.0
// A second opinion on the tables: the reference disassembler must read each without complaint.
#include "partitions/acpi/acpi_tables.hpp"
#include "tests/unit/acpi/acpi_reader.hpp"

#include <array>
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
