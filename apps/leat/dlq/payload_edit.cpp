#include <leat/apps/leat/dlq/payload_edit.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/open_file.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace leat::cli {

namespace {

struct both_ends {
  open_file read, write;
};

both_ends make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw state_error{fmt::format("no pipe for --edit: {}", std::strerror(errno))};
  return {open_file{ends[0]}, open_file{ends[1]}};
}

/// A child with the signals as a shell would give them: this program ignores some, and blocks others.
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
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
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

/// Writes all of `payload` and reads until the other side has closed, both as they can go on.
/// @returns whether that came to its end in time.
bool exchange(open_file& to, std::string_view payload, int from, std::string& made, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::array<char, 65536> buffer;
  ::fcntl(to.get(), F_SETFL, O_NONBLOCK);
  for (;;) {
    if (payload.empty())
      to.close();
    pollfd ready[] = {{from, POLLIN, 0}, {to ? to.get() : -1, POLLOUT, 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || ::poll(ready, 2, static_cast<int>(left.count())) <= 0)
      return false;
    if (ready[1].revents != 0) {
      const auto put = ::write(to.get(), payload.data(), payload.size());
      if (put >= 0)
        payload.remove_prefix(static_cast<std::size_t>(put));
      else if (errno != EAGAIN)
        payload = {}; // it has closed its input: it has seen enough
    }
    if (ready[0].revents != 0) {
      const auto got = ::read(from, buffer.data(), buffer.size());
      if (got <= 0)
        return true;
      made.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
}

std::string problem_of(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("--edit was ended by signal {}", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? std::string{} : fmt::format("--edit has failed with {}", WEXITSTATUS(status));
}

} // namespace

edited_payload edit_payload(const std::string& command, std::string_view payload, std::chrono::milliseconds patience) {
  auto in = make_pipe(), out = make_pipe();
  const auto child = start(command, in.read.get(), out.write.get());
  in.read.close();
  out.write.close();
  edited_payload made;
  const bool in_time = exchange(in.write, payload, out.read.get(), made.bytes, patience);
  if (!in_time)
    ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  if (made.bytes.ends_with('\n') && !payload.ends_with('\n'))
    made.bytes.pop_back();
  made.problem = in_time ? problem_of(status) : "--edit takes too long";
  if (made.problem.empty() && made.bytes.empty() && !payload.empty())
    made.problem = "--edit gives nothing";
  return made;
}

} // namespace leat::cli
