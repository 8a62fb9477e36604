#include "process.hpp"

#include <csignal>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace leat::testing {

namespace {

/// In the child: from here on only calls that are safe between fork and exec.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(127); // the parent is gone already
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(127);
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

} // namespace

process::process(const std::vector<std::string>& command, const std::filesystem::path& output) {
  std::vector<char*> arguments;
  for (const auto& part : command)
    arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0)
    throw std::runtime_error{"cannot write " + output.string()};
  const auto parent = getpid();
  pid_ = fork();
  if (pid_ == 0)
    become(arguments.data(), file, parent);
  close(file);
  if (pid_ < 0)
    throw std::runtime_error{"cannot start " + command.front()};
}

process::~process() {
  if (!running())
    return;
  signal(SIGKILL);
  wait();
}

void process::signal(int number) const {
  if (!ended_)
    kill(pid_, number);
}

int process::wait() {
  reap(0);
  return code_;
}

bool process::running() { return !reap(WNOHANG); }

/// Notes how it has ended. @param options of wait4. @returns whether it has.
bool process::reap(int options) {
  int status = 0;
  rusage used{};
  if (!ended_ && wait4(pid_, &status, options, &used) == pid_) {
    ended_ = true;
    code_ = code_of(status);
    cpu_seconds_ = seconds(used.ru_utime) + seconds(used.ru_stime);
  }
  return ended_;
}

int free_port() {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (
    bind(s, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
    getsockname(s, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error{"no free port on 127.0.0.1"};
  close(s);
  return ntohs(address.sin_port);
}

bool accepts_connections(int port) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  const bool accepted = connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(s);
  return accepted;
}

} // namespace leat::testing
