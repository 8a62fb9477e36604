#include "kafka_proxy.hpp"

#include "../wait_until.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace leat::testing {

namespace {

sockaddr_in at(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listen_on(int port) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto address = at(port);
  if (bind(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(s, 64) != 0)
    throw std::runtime_error{"a proxy cannot listen on port " + std::to_string(port)};
  return s;
}

int connect_to(int port) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = at(port);
  if (connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(s);
    return -1;
  }
  return s;
}

void send_at_once(int s) {
  const int yes = 1;
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

bool read_all(int s, char* to, std::size_t bytes) {
  while (bytes > 0) {
    const auto got = recv(s, to, bytes, 0);
    if (got <= 0)
      return false;
    to += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int s, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto put = send(s, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (put <= 0)
      return false;
    done += static_cast<std::size_t>(put);
  }
  return true;
}

template <class Number>
Number number_at(const std::string& message, std::size_t at) {
  Number n = 0;
  for (std::size_t i = 0; i < sizeof n; ++i)
    n = static_cast<Number>(n << 8 | static_cast<unsigned char>(message[at + i]));
  return n;
}

constexpr std::int16_t produce = 0;

/// The answer to a request of version 3 to 8 that writes records: the broker does not lead the first partition in it.
std::string not_leader_answer(const std::string& request) {
  const auto text_at = [&](std::size_t at) { // a length of -1: none
    return std::string_view{request}.substr(
      at, 2 + static_cast<std::size_t>(std::max<std::int16_t>(number_at<std::int16_t>(request, at), 0)));
  };
  std::size_t at = 12;
  at += text_at(at).size(); // the client's id
  at += text_at(at).size(); // the transactional id
  at += 2 + 4 + 4;          // acks, timeout, number of topics
  const auto topic = text_at(at);
  at += topic.size() + 4;
  const std::string one{"\0\0\0\1", 4}, error{"\0\6", 2}, unknown(3 * 8, '\xff'), no_throttle(4, '\0');
  const auto body =
    request.substr(8, 4) + one + std::string{topic} + one + request.substr(at, 4) + error + unknown + no_throttle;
  std::string size;
  for (int shift = 24; shift >= 0; shift -= 8)
    size += static_cast<char>(body.size() >> static_cast<unsigned>(shift));
  return size + body;
}

/// A request or an answer: four bytes that say how long it is, and it; empty at the end.
std::string read_message(int s) {
  std::string message(4, '\0');
  if (!read_all(s, message.data(), 4))
    return {};
  message.resize(4 + number_at<std::uint32_t>(message, 0));
  return read_all(s, message.data() + 4, message.size() - 4) ? message : std::string{};
}

} // namespace

kafka_proxy::kafka_proxy(int port, int to) : to_{to}, listener_{listen_on(port)}, accepting_{[this] { accept_all(); }} {}

kafka_proxy::~kafka_proxy() {
  pass_delayed();
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  close(listener_);
  for (auto& c : connections_) {
    shutdown(c.client, SHUT_RDWR);
    shutdown(c.broker, SHUT_RDWR);
    c.requests.join();
    c.answers.join();
    close(c.client);
    close(c.broker);
  }
}

void kafka_proxy::accept_all() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0)
      return;
    const int broker = connect_to(to_);
    if (broker < 0) {
      close(client);
      continue;
    }
    send_at_once(client);
    send_at_once(broker);
    const std::lock_guard lock{m_};
    auto& c = connections_.emplace_back();
    c.client = client;
    c.broker = broker;
    c.requests = std::thread{[this, &c] { pass_requests(c); }};
    c.answers = std::thread{[this, &c] { pass_answers(c); }};
  }
}

void kafka_proxy::pass_requests(connection& c) {
  for (;;) {
    const auto request = read_message(c.client);
    if (request.empty())
      break;
    const int is = number_at<std::int16_t>(request, 4);
    int kind = is;
    if (holding_.compare_exchange_strong(kind, none)) {
      const std::lock_guard lock{m_};
      c.held = request;
      shutdown(c.client, SHUT_RDWR);
      return;
    }
    kind = is; // the exchange has overwritten it
    if (losing_.compare_exchange_strong(kind, none))
      c.doomed = number_at<std::int32_t>(request, 8);
    if (is == produce) {
      if (!c.refusal.empty() && !answer(c, std::exchange(c.refusal, {})))
        break;
      if (refusing_.exchange(false)) {
        c.refusal = not_leader_answer(request);
        continue;
      }
    }
    kind = is;
    if (delaying_.compare_exchange_strong(kind, none))
      c.slow = number_at<std::int32_t>(request, 8);
    if (!write_all(c.broker, request))
      break;
  }
  shutdown(c.broker, SHUT_RDWR);
}

bool kafka_proxy::answer(connection& c, const std::string& bytes) {
  const std::lock_guard lock{c.to_client};
  return write_all(c.client, bytes);
}

void kafka_proxy::release() {
  connection* from = nullptr;
  {
    const std::lock_guard lock{m_};
    for (auto& c : connections_)
      if (!c.held.empty())
        from = &c;
  }
  if (!from)
    return;
  from->doomed = number_at<std::int32_t>(from->held, 8);
  const int before = lost_;
  if (!write_all(from->broker, from->held))
    throw std::runtime_error{"a request that was held cannot be sent"};
  wait_until("the answer to a request that was held", std::chrono::seconds{10}, [&] { return lost_ > before; });
  const std::lock_guard lock{m_};
  from->held.clear();
}

void kafka_proxy::pass_answers(connection& c) {
  for (;;) {
    const auto bytes = read_message(c.broker);
    if (bytes.empty())
      break;
    if (number_at<std::int32_t>(bytes, 4) == c.doomed) {
      ++lost_;
      shutdown(c.broker, SHUT_RDWR);
      break;
    }
    if (number_at<std::int32_t>(bytes, 4) == c.slow) {
      delays_ = true;
      while (delays_)
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    if (!answer(c, bytes))
      break;
  }
  shutdown(c.client, SHUT_RDWR);
}

} // namespace leat::testing
