#pragma once

#include <leat/pipeline/known_settings.hpp>
#include <leat/pipeline/settings_loader.hpp>

#include <span>
#include <string>
#include <vector>

namespace leat {

/// What a program that runs a job tells the shell.
enum exit_code : int {
  exit_done = 0,          ///< the input ended, or a stop was asked for and everything read was finished
  exit_failed = 1,        ///< the job failed
  exit_usage = 2,         ///< wrong options or settings; nothing was started
  exit_interrupted = 130, ///< another interrupt, later than the first, ended the program at once
};

/// What the user asked for on the command line.
struct command_line {
  std::string config_file;                 ///< `--config`; empty for none
  std::vector<setting_override> overrides; ///< `--set` and the options that are short for one, in their order
  bool allow_dropped_state = false;        ///< `--allow-dropped-state`, which is an override as well
  bool bounded = false;                    ///< `--bounded`
  bool explain = false;                    ///< `--explain`
  bool explain_time = false;               ///< `--explain-time`
  bool print_config = false;               ///< `--print-config`
  bool help = false;                       ///< `--help`
  bool version = false;                    ///< `--version`
};

/// Reads the command line of a program that runs a job. Every such program takes the same options; an application adds
/// its own before `parse`:
///
///     command_line_parser parser{"fraud-alerts", "Finds card fraud in a stream of transactions."};
///     std::string input = "transactions";
///     parser.option("--input", "TOPIC", "Topic to read; default transactions", input);
///
/// Used on one thread, at start.
class command_line_parser {
public:
  /// @param program as the user calls it.
  /// @param description one sentence for `--help`.
  command_line_parser(std::string program, std::string description);

  /// Adds an option without value; `out` becomes true when it is given, and must outlive `parse`.
  void flag(std::string name, std::string help, bool& out);

  /// Adds an option with a value, which may be given once; `out` must outlive `parse`.
  /// @param placeholder stands for the value in `--help`: "TOPIC".
  void option(std::string name, std::string placeholder, std::string help, std::string& out);

  /// Adds an option that is short for `--set key=value`.
  void shorthand(std::string name, std::string placeholder, std::string key, std::string help);

  /// @param arguments without the program's name.
  /// @throws config_error with one line for the user when the arguments are wrong.
  [[nodiscard]] command_line parse(std::span<const std::string> arguments) const;

  /// The text of `--help`: every option, every setting, the exit codes.
  [[nodiscard]] std::string help(const known_settings& known) const;

  [[nodiscard]] const std::string& program() const noexcept { return program_; }

private:
  struct added_option {
    std::string name, placeholder, help, key;
    bool* flag = nullptr; // one of the two, or `key`
    std::string* value = nullptr;
  };

  std::string program_;
  std::string description_;
  std::vector<added_option> options_;
};

} // namespace leat
