// SPDX-License-Identifier: Apache-2.0
#include "partitions/bindings/bindings.hpp"
#include "partitions/bindings/partition_elements.hpp"
#include "partitions/xml/values.hpp"

namespace cloison::bindings {

namespace {

namespace fs = std::filesystem;

void write_switch(ElementWriter& out, const Switch& one) {
    out.open("switch");
    out.attribute("name", one.name).attribute("server", one.server);
    if (one.uplink)
        out.attribute("uplink", xml::format_pci(*one.uplink));
    if (one.bandwidth != 0)
        out.attribute("bandwidth", xml::format_bandwidth(one.bandwidth));
    out.close();
}

void write_volume(ElementWriter& out, const Volume& volume) {
    out.open("volume");
    out.attribute("name", volume.name)
        .attribute("server", volume.server)
        .attribute("size", size_text(volume.size))
        .attribute("backing", volume.backing)
        .flag("shareable", volume.shareable);
    if (volume.rate != 0)
        out.attribute("rate", std::to_string(volume.rate) + "/s");
    if (volume.bandwidth != 0)
        out.attribute("bandwidth", xml::format_bandwidth(volume.bandwidth));
    out.close();
}

} // namespace

std::string moved(const std::string& path, const Folders& folders) {
    if (!folders.to || path.starts_with("guest:") || fs::path(path).is_absolute())
        return path;
    // By the words of the paths, as the compiler joins them: it does not follow links either.
    fs::path file = fs::absolute(folders.from / path).lexically_normal();
    return file.lexically_relative(fs::absolute(*folders.to).lexically_normal()).string();
}

std::string to_xml(const CompiledLayout& compiled, const Folders& folders) {
    const Layout& layout = compiled.layout;
    ElementWriter out;
    out.comment(" Written by `cloison export`: a layout with every choice of the planner's as it "
                "was made.\n     Compiled again it gives the same plan. ");
    out.open("layout");
    out.attribute("name", layout.name).attribute("platform", moved(layout.platform, folders));
    for (usize i = 0; i < layout.pools.size(); ++i) {
        out.open("pool");
        out.attribute("name", layout.pools[i].name);
        write_cpus(out, compiled.plan.pools[i]);
        out.close();
    }
    for (const Switch& one : layout.switches)
        write_switch(out, one);
    for (const Volume& volume : layout.volumes)
        write_volume(out, volume);
    for (usize i = 0; i < layout.partitions.size(); ++i)
        write_partition(out, compiled, i, folders);
    out.close();
    return out.text();
}

} // namespace cloison::bindings
