// leat: looks into the checkpoints of jobs, and into the topics that they read and write.

#include <leat/apps/leat/leat_command.hpp>

#include <leat/base/error.hpp>
#include <leat/pipeline/line_writer.hpp>
#include <leat/pipeline/logging.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include <unistd.h>

int main(int argc, char** argv) {
  using namespace leat;
  protect_standard_streams();
  std::signal(SIGPIPE, SIG_DFL); // whoever reads the output has seen enough
  const std::vector<std::string> arguments{argv + (argc > 0 ? 1 : 0), argv + argc};
  line_writer results{STDOUT_FILENO, cli::output_patience(arguments)};
  line_writer complaints{STDERR_FILENO, line_writer::for_ever};
  return cli::run_leat_command(
    arguments,
    [&](std::string_view text) {
      if (results.write(text))
        return;
      if (results.last_error() == EPIPE)
        throw cli::reader_gone{};
      throw connector_error{
        results.last_error() == EAGAIN
          ? "nobody takes the output: given up, as what is being read makes a running job's file grow"
          : std::string{"standard output: "} + std::strerror(results.last_error())};
    },
    [&](std::string_view text) { (void)complaints.write(text); });
}
