#include "cutting_proxy.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace leat::testing {

namespace {

constexpr int poll_ms = 50;

sockaddr_in loopback(int port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  return at;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

} // namespace

cutting_proxy::cutting_proxy(int to) : to_{to}, listener_{::socket(AF_INET, SOCK_STREAM, 0)} {
  auto at = loopback(0);
  socklen_t size = sizeof at;
  if (
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(listener_, 16) != 0 ||
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error{"no port for a proxy"};
  port_ = ntohs(at.sin_port);
  accepting_ = std::thread{[this] { accept_all(); }};
}

cutting_proxy::~cutting_proxy() {
  stop_ = true;
  accepting_.join();
  for (auto& connection : connections_)
    connection.join();
  ::close(listener_);
}

void cutting_proxy::cut_answer_to(const std::string& text) {
  text_ = text;
  armed_ = true;
}

void cutting_proxy::accept_all() {
  while (!stop_) {
    pollfd asked{listener_, POLLIN, 0};
    if (::poll(&asked, 1, poll_ms) == 1)
      connections_.emplace_back([this, client = ::accept(listener_, nullptr, nullptr)] { serve(client); });
  }
}

void cutting_proxy::serve(int client) {
  const int server = ::socket(AF_INET, SOCK_STREAM, 0);
  auto at = loopback(to_);
  bool cut_next = false;
  if (::connect(server, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) {
    std::array<char, 65536> bytes;
    while (!stop_) {
      std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
      if (::poll(ends.data(), ends.size(), poll_ms) <= 0)
        continue;
      const bool from_client = ends[0].revents != 0;
      const auto got = ::recv(from_client ? client : server, bytes.data(), bytes.size(), 0);
      if (got <= 0)
        break;
      const std::string_view text{bytes.data(), static_cast<std::size_t>(got)};
      if (from_client && armed_ && text.find(text_) != std::string_view::npos && armed_.exchange(false))
        cut_next = true;
      else if (!from_client && cut_next) {
        ++cuts_;
        break;
      }
      if (!send_all(from_client ? server : client, text))
        break;
    }
  }
  ::close(server);
  ::close(client);
}

} // namespace leat::testing
