#include <leat/apps/leat/dlq/payload_edit.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/open_file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace leat::cli {

namespace {

using namespace std::chrono_literals;

struct both_ends {
  open_file read, write;
};

both_ends make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw state_error{fmt::format("no pipe for --edit: {}", std::strerror(errno))};
  return {open_file{ends[0]}, open_file{ends[1]}};
}

/// A child with the signals as a shell would give them: this program ignores some, and blocks others. It leads a process group, so
/// that all of a pipeline can be ended.
pid_t start(const std::string& command, int in, int out) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM})
    sigaddset(&usual, signal);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setsigdefault(&how, &usual);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&how, 0);
  std::array<std::string, 3> words{"sh", "-c", command};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t child = -1;
  const int failed = ::posix_spawn(&child, "/bin/sh", &files, &how, arguments.data(), environ);
  posix_spawnattr_destroy(&how);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0)
    throw state_error{fmt::format("--edit cannot be started: {}", std::strerror(failed))};
  return child;
}

/// How long something may take, and whether it has to end before.
class limit {
public:
  limit(std::chrono::milliseconds patience, const std::function<bool()>& stopped)
    : end_{std::chrono::steady_clock::now() + patience}, stopped_{stopped} {}

  [[nodiscard]] bool reached() const { return std::chrono::steady_clock::now() >= end_ || stopped_(); }

private:
  const std::chrono::steady_clock::time_point end_;
  const std::function<bool()>& stopped_;
};

constexpr int slice = 100; // ms between two looks at the limit

/// Writes all of `payload` and reads until the other side has closed, both as they can go on.
/// @returns whether that came to its end in time.
bool exchange(open_file& to, std::string_view payload, int from, std::string& made, const limit& until) {
  std::array<char, 65536> buffer;
  ::fcntl(to.get(), F_SETFL, O_NONBLOCK);
  while (!until.reached()) {
    if (payload.empty())
      to.close();
    pollfd ready[] = {{from, POLLIN, 0}, {to ? to.get() : -1, POLLOUT, 0}};
    if (::poll(ready, 2, slice) <= 0)
      continue;
    if (ready[1].revents != 0) {
      const auto put = ::write(to.get(), payload.data(), payload.size());
      if (put >= 0)
        payload.remove_prefix(static_cast<std::size_t>(put));
      else if (errno != EAGAIN)
        payload = {}; // it has closed its input: it has seen enough
    }
    if (ready[0].revents != 0) {
      const auto got = ::read(from, buffer.data(), buffer.size());
      if (got < 0 && errno != EINTR)
        throw state_error{fmt::format("what --edit makes cannot be read: {}", std::strerror(errno))};
      if (got == 0)
        return true;
      made.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }
  }
  return false;
}

/// @returns whether the child has ended in time; `status` says how.
bool await(pid_t child, int& status, const limit& until) {
  for (auto pause = std::chrono::microseconds{200};; pause = std::min<std::chrono::microseconds>(2 * pause, 20ms)) {
    if (::waitpid(child, &status, WNOHANG) == child)
      return true;
    if (until.reached())
      return false;
    std::this_thread::sleep_for(pause);
  }
}

std::string problem_of(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("--edit was ended by signal {}", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? std::string{} : fmt::format("--edit has failed with {}", WEXITSTATUS(status));
}

} // namespace

edited_payload edit_payload(
  const std::string& command, std::string_view payload, std::chrono::milliseconds patience,
  const std::function<bool()>& stopped) {
  auto in = make_pipe(), out = make_pipe();
  const auto child = start(command, in.read.get(), out.write.get());
  in.read.close();
  out.write.close();
  edited_payload made;
  const limit until{patience, stopped};
  int status = 0;
  const bool in_time = exchange(in.write, payload, out.read.get(), made.bytes, until) && await(child, status, until);
  if (!in_time) {
    ::kill(-child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
      continue;
  }
  if (made.bytes.ends_with('\n') && !payload.ends_with('\n'))
    made.bytes.pop_back();
  made.problem = in_time ? problem_of(status) : "--edit takes too long";
  if (made.problem.empty() && made.bytes.empty() && !payload.empty())
    made.problem = "--edit gives nothing";
  return made;
}

} // namespace leat::cli
