// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/schema/xmllint.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace cloison::test {

namespace fs = std::filesystem;

std::set<std::string> valid_files(const fs::path& folder, const fs::path& schema) {
    // The files by a glob: their number may be more than fits a command line that one can read.
    std::string command = "cd '" + folder.string() + "' && xmllint --nonet --noout --schema '" +
                          fs::absolute(schema).string() + "' *.xml 2>&1; echo status $?";
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string said;
    std::array<char, 65536> buffer{};
    for (size_t got = 1; pipe != nullptr && got != 0;) {
        got = fread(buffer.data(), 1, buffer.size(), pipe.get());
        said.append(buffer.data(), got);
    }
    const std::string verdict = " validates";
    std::set<std::string> valid;
    std::istringstream lines(said);
    std::string status;
    for (std::string line; std::getline(lines, line); status = line)
        if (line.ends_with(verdict))
            valid.insert(line.substr(0, line.size() - verdict.size()));
    // xmllint(1): 5 is an error in the schema; the shell says 127 where there is no such command.
    for (const char* bad : {"", "status 5", "status 127"})
        if (status == bad)
            throw std::runtime_error("xmllint cannot judge: " + said.substr(0, 1000));
    return valid;
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "cloison-schema-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void TemporaryFolder::write(const std::string& name, const std::string& text) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.flush())
        throw std::runtime_error("cannot write " + name);
}

} // namespace cloison::test
