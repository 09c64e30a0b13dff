// SPDX-License-Identifier: Apache-2.0
// From a manifest to what is served, and what a server can be asked.
#include "ioserver/linux/adapter/serve.hpp"
#include "ioserver/linux/adapter/served.hpp"
#include "ioserver/linux/error.hpp"
#include "ioserver/linux/state/commands.hpp"
#include "ioserver/linux/state/control_socket.hpp"
#include "ioserver/linux/unix_socket.hpp"
#include "tests/unit/ioserver/fake_machine.hpp"
#include "tests/unit/ioserver/fake_manifest.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>

namespace cloison::io::adapter {
namespace {

constexpr u64 console_features = queue_features | feature_bit(VIRTIO_CONSOLE_F_MULTIPORT);
constexpr u64 volume_size = 1 * mib;

struct ServedTest : testing::Test {
    ServedTest() {
        virtio_blk_config config = block_config(properties);
        const u8* bytes = reinterpret_cast<const u8*>(&config);
        virtio_net_config net = net_config({0x52, 0x54, 0, 0x12, 0x34, 0x56}, true);
        const u8* net_bytes = reinterpret_cast<const u8*>(&net);
        plans = {{VIRTIO_ID_BLOCK, block_features(properties), {8}, {bytes, bytes + sizeof config}},
                 {VIRTIO_ID_NET, net_features, {8, 8}, {net_bytes, net_bytes + sizeof net}},
                 {VIRTIO_ID_CONSOLE, console_features, {8, 8, 8, 8, 8, 8}, {}}};
        machine = std::make_unique<FakeMachine>(plans);
        image = machine->folder() + "/alpha.img";
        services = {"disk client=alpha name=alpha.disk0 volume=root backing=file:" + image +
                        " size=1048576 read-only=no serial=S1",
                    "port client=alpha name=alpha.net0 switch=lan mac=52:54:00:12:34:56 vlan=0 "
                    "trunk=no",
                    "consoles client=alpha name=alpha ports=2"};
    }
    /// Has the management function show a manifest with what is here.
    void show_manifest() {
        std::vector<FakeManifest::Function> functions;
        for (usize i = 0; i < plans.size(); ++i)
            functions.push_back({plans[i].config(), services[i]});
        FakeManifest made(functions, switches);
        machine->make_function(FakeMachine::management_address, abi::management_device);
        Mapping bar = machine->make_bar(FakeMachine::management_address, 0, 16 * page_size);
        std::ranges::copy(made.bytes(), bar.bytes().begin());
    }
    void serve() {
        show_manifest();
        manifest = std::make_unique<Manifest>(machine->roots(), "");
        served = std::make_unique<Served>(loop, *manifest, machine->roots(), false);
        served->start();
        run();
    }
    void run() {
        for (int i = 0; i < 3; ++i) {
            machine->call_server();
            loop.later([this] { loop.later([this] { loop.stop(); }); });
            loop.run(false);
            machine->hear();
        }
    }
    /// What the control socket answers.
    std::string ask(const std::string& folder, const std::string& request) {
        Descriptor socket = connect_to(control_socket_path(folder));
        EXPECT_EQ(write(socket.get(), request.data(), request.size()),
                  static_cast<ssize_t>(request.size()));
        for (int i = 0; i < 3; ++i)
            run();
        return receive(socket);
    }
    static std::string receive(const Descriptor& socket) {
        char bytes[4096];
        ssize_t length = recv(socket.get(), bytes, sizeof bytes, MSG_DONTWAIT);
        return {bytes, static_cast<usize>(std::max<ssize_t>(length, 0))};
    }

    DiskProperties properties{.sectors = volume_size / sector_size, .discard = true};
    std::vector<core::FunctionPlan> plans;
    std::vector<std::string> services, switches{"switch name=lan"};
    std::unique_ptr<FakeMachine> machine;
    std::string image;
    EventLoop loop;
    std::unique_ptr<Manifest> manifest;
    std::unique_ptr<Served> served;
};

TEST_F(ServedTest, MakesWhatTheManifestSays) {
    serve();
    EXPECT_TRUE(served->complete());
    EXPECT_EQ(std::filesystem::file_size(image), volume_size); // made, as a hole
    EXPECT_EQ(served->console_names(), (std::vector<std::string>{"alpha.0", "alpha.1"}));
    for (u32 function = 0; function < 3; ++function)
        EXPECT_EQ(machine->server(function).epoch.load(), 1u) << function;
    std::string statistics = served->statistics();
    EXPECT_NE(statistics.find("disk alpha.disk0 reads=0"), std::string::npos);
    EXPECT_NE(statistics.find("port alpha.net0 switch=lan frames-in=0"), std::string::npos);
    EXPECT_NE(statistics.find("adapter alpha calls=0"), std::string::npos);
}

TEST_F(ServedTest, DiskWorksAndIsCounted) {
    serve();
    core::VirtioDriver driver(machine->board, 1);
    auto queue = machine->make_queue(0, 8, plans[0].features);
    FakeMachine::start_driver(driver, plans[0].features, {queue.get()});
    run();
    u64 header = queue->allocate(16), data = queue->allocate(512), status = queue->allocate(1);
    queue->poke<virtio_blk_outhdr>(header, {VIRTIO_BLK_T_OUT, 0, 3});
    queue->add({{header, 16, false}, {data, 512, false}, {status, 1, true}});
    driver.kick(0);
    for (int i = 0; i < 1000 && queue->peek<u16>(queue->layout().used + 2) == 0; ++i)
        run();
    EXPECT_EQ(queue->collect().size(), 1u);
    EXPECT_NE(served->statistics().find("writes=1 written-bytes=512"), std::string::npos);
}

TEST_F(ServedTest, WhatCannotBeHadIsLeftOutAlone) {
    services[0] = "disk client=alpha name=alpha.disk0 volume=root "
                  "backing=file:/no/such/folder/x size=1048576 read-only=no";
    serve();
    EXPECT_FALSE(served->complete());
    EXPECT_EQ(served->console_names().size(), 2u); // the rest is there
    // Its driver is told, rather than left waiting.
    core::VirtioDriver driver(machine->board, 1);
    auto queue = machine->make_queue(0, 8, plans[0].features);
    FakeMachine::start_driver(driver, plans[0].features, {queue.get()});
    run();
    EXPECT_NE(driver.status() & VIRTIO_CONFIG_S_NEEDS_RESET, 0u);
    driver.begin_reset();
    run();
    EXPECT_EQ(driver.status(), 0u);
}

TEST_F(ServedTest, LeavesOutWhatItDoesNotKnow) {
    for (const char* text : {"", "disk client=alpha", "port name=x",
                             "disk client=a name=b volume=c backing=disk:d size=1 read-only=no",
                             "disk client=a name=b volume=c backing=nbd:x size=1 read-only=no",
                             "disk client=a name=b volume=c backing=file:/dev/null size=1 "
                             "read-only=no serial=123456789012345678901"}) {
        services[0] = text;
        serve();
        EXPECT_FALSE(served->complete()) << text;
        served.reset();
    }
    switches = {"router name=lan"}; // so there is no switch either
    serve();
    EXPECT_EQ(served->statistics().find("port"), std::string::npos);
}

TEST_F(ServedTest, LinkIsPulledAndPlugged) {
    serve();
    core::VirtioDriver driver(machine->board, 2);
    auto link = [&] {
        machine->hear();
        return driver.read(driver.config.address + offsetof(virtio_net_config, status), 2);
    };
    EXPECT_EQ(link(), VIRTIO_NET_S_LINK_UP);
    EXPECT_FALSE(served->set_link("alpha.net1", false));
    u32 generation = driver.get(VIRTIO_PCI_COMMON_CFGGENERATION, 1);
    EXPECT_TRUE(served->set_link("alpha.net0", false));
    EXPECT_EQ(link(), 0u);
    EXPECT_NE(driver.get(VIRTIO_PCI_COMMON_CFGGENERATION, 1), generation);
    EXPECT_TRUE(served->set_link("alpha.net0", true));
    EXPECT_EQ(link(), VIRTIO_NET_S_LINK_UP);
}

TEST_F(ServedTest, AnswersCommands) {
    serve();
    std::string folder = machine->folder() + "/state/deeper";
    ControlSocket control(loop, folder, *served);
    EXPECT_EQ(ask(folder, "consoles\n"), "ok\nalpha.0\nalpha.1\n");
    EXPECT_EQ(ask(folder, "stat\n"), "ok\n" + served->statistics());
    EXPECT_EQ(ask(folder, "link alpha.net0 down\n"), "ok\n");
    EXPECT_EQ(ask(folder, "link alpha.net7 down\n"),
              "error no network device is called 'alpha.net7'\n");
    EXPECT_EQ(ask(folder, "link alpha.net0 sideways\n"), "error no such request\n");
    EXPECT_EQ(ask(folder, "console beta.0\n"), "error no console is called 'beta.0'\n");
    EXPECT_EQ(ask(folder, std::string(300, 'x')), ""); // sent away
}

TEST_F(ServedTest, ConsoleOverTheControlSocket) {
    serve();
    std::string folder = machine->folder() + "/state";
    ControlSocket control(loop, folder, *served);
    Concentrator& console = *served->find_console("alpha.1");
    console.output("booted\r\n");
    Descriptor person = connect_to(control_socket_path(folder));
    ASSERT_EQ(write(person.get(), "console alpha.1\n", 16), 16);
    run();
    run();
    EXPECT_EQ(receive(person), "ok\nbooted\r\n");
    console.output("more");
    EXPECT_EQ(receive(person), "more");
    ASSERT_EQ(write(person.get(), "\x1D.", 2), 2); // leaves
    run();
    run();
    char byte = 0;
    EXPECT_EQ(recv(person.get(), &byte, 1, MSG_DONTWAIT), 0);
}

/// As it is started, asked and ended in a partition.
TEST_F(ServedTest, ServesAsAProcess) {
    show_manifest();
    ServerOptions options;
    options.adapters = true;
    options.state = machine->folder() + "/state";
    std::string output = machine->folder() + "/output";
    pid_t child = fork();
    if (child == 0) {
        Descriptor file(open(output.c_str(), O_WRONLY | O_CREAT, 0600));
        dup2(file.get(), STDOUT_FILENO);
        _exit(adapter::serve(options, machine->roots()) ? 0 : 1);
    }
    ServerOptions stat = options;
    stat.command = {"stat"};
    testing::internal::CaptureStdout();
    for (int i = 0; i < 1000 && !std::filesystem::exists(control_socket_path(options.state)); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(run_command(stat));
    std::string told = testing::internal::GetCapturedStdout();
    EXPECT_NE(told.find("port alpha.net0 switch=lan"), std::string::npos);
    kill(child, SIGUSR1);
    stat.command = {"link", "alpha.net9", "up"};
    testing::internal::CaptureStderr();
    EXPECT_FALSE(run_command(stat)); // its answer comes behind the signal
    EXPECT_NE(testing::internal::GetCapturedStderr().find("alpha.net9"), std::string::npos);
    kill(child, SIGTERM);
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    std::ifstream file(output);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_NE(text.find("ioserver: serving alpha.disk0: disk client=alpha"), std::string::npos);
    EXPECT_NE(text.find("disk alpha.disk0 reads=0"), std::string::npos);
    EXPECT_THROW(static_cast<void>(run_command(stat)), ServerError); // there is none any more
}

TEST_F(ServedTest, ManifestsThatAreNone) {
    show_manifest();
    std::string bar = machine->device(FakeMachine::management_address) + "/resource0";
    auto changed = [&](usize at) {
        std::fstream file(bar, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        auto byte = static_cast<char>(file.get());
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(byte ^ 1));
        file.close();
        bool refused = false;
        try {
            Manifest(machine->roots(), "");
        } catch (const ServerError&) {
            refused = true;
        }
        std::fstream again(bar, std::ios::in | std::ios::out | std::ios::binary);
        again.seekp(static_cast<std::streamoff>(at));
        again.put(byte);
        return refused;
    };
    EXPECT_NO_THROW(Manifest(machine->roots(), ""));
    EXPECT_NO_THROW(Manifest(machine->roots(), bar)); // as a file, too
    for (usize at : {0u, 8u, 12u, 16u, 200u})
        EXPECT_TRUE(changed(at)) << at;
    EXPECT_THROW(Manifest(machine->roots(), "/no/such/file"), ServerError);
    machine->make_function(FakeMachine::management_address, 0x1234);
    EXPECT_THROW(Manifest(machine->roots(), ""), ServerError);
}

TEST_F(ServedTest, InterfacesAreFoundBySlot) {
    EXPECT_THROW(static_cast<void>(find_interface(machine->roots(), 2)), ServerError);
    std::filesystem::create_directories(machine->device("0000:00:02.0") + "/net/enp0s2");
    EXPECT_EQ(find_interface(machine->roots(), 2), "enp0s2");
    std::filesystem::create_directories(machine->device("0000:00:1f.0") + "/net/eth7");
    EXPECT_EQ(find_interface(machine->roots(), 31), "eth7");
}

TEST_F(ServedTest, InterruptsNeedTheDriver) {
    PciFunction function(machine->roots(), FakeMachine::adapter_address);
    std::string device = machine->device(FakeMachine::adapter_address);
    EXPECT_TRUE(function.open_interrupt());
    std::string text;
    std::ifstream(device + "/driver_override") >> text;
    EXPECT_EQ(text, "uio_pci_generic");
    std::ifstream(machine->roots().sys + "/bus/pci/drivers_probe") >> text;
    EXPECT_EQ(text, FakeMachine::adapter_address);
    std::filesystem::create_symlink("../drivers/other", device + "/driver");
    EXPECT_THROW(static_cast<void>(function.open_interrupt()), ServerError);
    std::filesystem::remove(device + "/driver");
    std::filesystem::remove(machine->roots().sys + "/bus/pci/drivers/uio_pci_generic");
    EXPECT_THROW(static_cast<void>(function.open_interrupt()), ServerError);
}

} // namespace
} // namespace cloison::io::adapter
