// SPDX-License-Identifier: Apache-2.0
// Where a console can be had: a pseudo-terminal, a TCP port, a log file.
#pragma once

#include "ioserver/linux/console/line.hpp"

#include <list>
#include <memory>

namespace cloison::io {

class ConsoleEndpoint {
  public:
    virtual ~ConsoleEndpoint() = default;
    /// The guest takes input again.
    virtual void resume() = 0;
};

/// A pseudo-terminal, and a symbolic link to it at `path`. It is there for as long as the server,
/// whether somebody has it open or not. Throws ServerError.
class PtyEndpoint final : public ConsoleEndpoint {
  public:
    PtyEndpoint(EventLoop& loop, Concentrator& console, const std::string& path);
    ~PtyEndpoint() override;
    PtyEndpoint(const PtyEndpoint&) = delete;
    PtyEndpoint& operator=(const PtyEndpoint&) = delete;
    void resume() override { line_->resume(); }

  private:
    std::string path_;
    Descriptor far_end_; // kept open: without one the near end reports an error all the time
    std::unique_ptr<Line> line_;
};

/// Connections to a port of this machine itself; who is outside comes through ssh. Bytes are passed
/// on as they are, without telnet's negotiation: nc and socat do, and telnet in its raw mode.
/// Throws ServerError.
class TcpEndpoint final : public ConsoleEndpoint {
  public:
    /// Port 0: any that is free.
    TcpEndpoint(EventLoop& loop, Concentrator& console, u16 port);
    ~TcpEndpoint() override;
    TcpEndpoint(const TcpEndpoint&) = delete;
    TcpEndpoint& operator=(const TcpEndpoint&) = delete;
    void resume() override;
    [[nodiscard]] u16 port() const;

  private:
    void on_connection();

    EventLoop& loop_;
    Concentrator& console_;
    Descriptor socket_;
    std::list<std::unique_ptr<Line>> lines_;
};

/// A file that everything is appended to. Throws ServerError.
class LogEndpoint final : public ConsoleEndpoint {
  public:
    LogEndpoint(Concentrator& console, const std::string& path);
    ~LogEndpoint() override;
    LogEndpoint(const LogEndpoint&) = delete;
    LogEndpoint& operator=(const LogEndpoint&) = delete;
    void resume() override {}

  private:
    Concentrator& console_;
    Descriptor file_;
    Concentrator::Id id_;
};

} // namespace cloison::io
