#include <leat/pipeline/control/control_socket.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace leat {

namespace {

constexpr const char* socket_name = "control";
constexpr std::size_t longest_line = 64 * 1024;
constexpr std::chrono::seconds patience_with_clients{5};
constexpr int retry_milliseconds = 100;

class file_descriptor {
public:
  explicit file_descriptor(int fd) noexcept : fd_{fd} {}
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  ~file_descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  const int fd_;
};

/// Where the socket of an open directory lies. By the directory's number, as a socket's path may have 107 bytes only.
sockaddr_un address_in(int folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  *fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}/{}", folder, socket_name).out = '\0';
  return address;
}

int open_folder(const std::string& directory) { return ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }

/// Reads up to the end of a line, which is left out; what there is when the other side ends, or takes too long.
std::string read_line(int from, std::chrono::milliseconds patience) {
  std::string line;
  const auto until = std::chrono::steady_clock::now() + patience;
  while (line.size() < longest_line) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd ready{from, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0)
      break;
    char c = 0;
    if (::read(from, &c, 1) != 1 || c == '\n')
      return line;
    line += c;
  }
  return {};
}

void write_line(int to, const std::string& line) {
  const auto whole = line + '\n';
  for (std::size_t done = 0; done < whole.size();) {
    const auto written = ::send(to, whole.data() + done, whole.size() - done, MSG_NOSIGNAL);
    if (written <= 0)
      return; // nobody listens any more
    done += static_cast<std::size_t>(written);
  }
}

} // namespace

control_socket::control_socket(const std::string& directory, std::function<std::string(const std::string&)> answer)
  : answer_{std::move(answer)}, folder_{open_folder(directory)},
    listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}, stop_{::eventfd(0, EFD_CLOEXEC)} {
  const auto address = address_in(folder_);
  ::unlink(address.sun_path); // a process that was killed has left it; the directory's lock says that none is there
  const bool made = folder_ >= 0 && listener_ >= 0 && stop_ >= 0 &&
                    ::fchmod(listener_, 0600) == 0 && // before it has a name: for nobody else from the first moment
                    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                    ::listen(listener_, 8) == 0;
  const auto why = errno;
  if (!made) {
    for (const auto fd : {folder_, listener_, stop_})
      if (fd >= 0)
        ::close(fd);
    throw state_error{fmt::format("{}/{}: cannot listen there: {}", directory, socket_name, std::strerror(why))};
  }
  thread_ = std::thread{[this] { serve(); }};
}

control_socket::~control_socket() {
  const std::uint64_t one = 1;
  (void)!::write(stop_, &one, sizeof one);
  thread_.join();
  ::unlink(address_in(folder_).sun_path);
  for (const auto fd : {folder_, listener_, stop_})
    ::close(fd);
}

void control_socket::serve() {
  while (true) {
    pollfd ready[] = {{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0 && errno != EINTR)
      return;
    if (ready[0].revents != 0)
      return;
    if (ready[1].revents == 0)
      continue;
    const file_descriptor client{::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)};
    if (client.get() < 0) { // out of file descriptors, say: whoever asks waits
      (void)::poll(ready, 1, retry_milliseconds);
      continue;
    }
    const auto request = read_line(client.get(), patience_with_clients);
    try {
      write_line(client.get(), answer_(request));
    } catch (const std::exception& e) {
      write_line(client.get(), fmt::format("failed {}", e.what()));
    }
  }
}

std::string ask_job(const std::string& directory, const std::string& request, std::chrono::milliseconds patience) {
  const file_descriptor folder{open_folder(directory)};
  if (folder.get() < 0)
    throw connector_error{fmt::format("{}: {}", directory, std::strerror(errno))};
  const file_descriptor job{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = address_in(folder.get());
  if (::connect(job.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw connector_error{
      errno == EACCES ? fmt::format("{}: the job that runs there belongs to another user: ask as that one", directory)
                      : fmt::format("{}: no job runs there that could be asked ({})", directory, std::strerror(errno))};
  write_line(job.get(), request);
  auto answer = read_line(job.get(), patience);
  if (answer.empty())
    throw connector_error{
      fmt::format("{}: the job has not answered within {} ms, or has ended", directory, patience.count())};
  return answer;
}

} // namespace leat
