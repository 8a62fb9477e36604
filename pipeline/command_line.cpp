#include <leat/pipeline/command_line.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/pipeline/settings_text.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

struct own_option {
  const char* name;
  const char* placeholder;
  const char* help;
};

constexpr own_option own_options[] = {
  {"--config", "FILE", "YAML file with settings"},
  {"--set", "KEY=VALUE", "Sets one setting; may be repeated, the last one counts"},
  {"--bounded", "", "Reads up to what is the end of the input at start, closes all windows, and exits"},
  {"--explain", "", "Prints the plan of the job and exits"},
  {"--explain-time", "",
   "Logs every 10 s, and at the end, how far event time is in each step and what holds it; SIGUSR1 asks once"},
  {"--print-config", "", "Prints every setting in effect and where it comes from, and exits"},
  {"--help", "", "Prints this text and exits; also -h"},
  {"--version", "", "Prints the version and exits"},
};

/// Adds an option with a value that calls `take` each time it is met, in the order of the arguments.
template <class Take>
void on_value(CLI::App& app, const std::string& name, Take take) {
  app.add_option_function<std::string>(name, take)->trigger_on_parse();
}

/// The same for an option that may be given only once.
void once(CLI::App& app, const std::string& name, std::string& out) {
  on_value(app, name, [name, &out, given = false](const std::string& value) mutable {
    if (std::exchange(given, true))
      throw config_error{fmt::format("{} is given twice", name)};
    out = value;
  });
}

void add_own(CLI::App& app, command_line& line) {
  once(app, "--config", line.config_file);
  on_value(app, "--set", [&line](const std::string& text) { line.overrides.push_back(parse_override(text)); });
  app.add_flag("--bounded", line.bounded);
  app.add_flag("--explain", line.explain);
  app.add_flag("--explain-time", line.explain_time);
  app.add_flag("--print-config", line.print_config);
  app.add_flag("-h,--help", line.help);
  app.add_flag("--version", line.version);
}

std::string option_line(std::string_view name, std::string_view placeholder, std::string_view help) {
  return fmt::format("  {:<28}{}\n", fmt::format("{} {}", name, placeholder), help);
}

} // namespace

command_line_parser::command_line_parser(std::string program, std::string description)
  : program_{std::move(program)}, description_{std::move(description)} {
  shorthand("--brokers", "HOST:PORT", "kafka.brokers", "Brokers to connect to first, separated by commas");
  shorthand("--parallelism", "N", "job.parallelism", "Shards of each keyed step");
  shorthand("--log-level", "LEVEL", "log.level", "trace, debug, info, warn, error or off");
}

void command_line_parser::flag(std::string name, std::string help, bool& out) {
  options_.push_back({std::move(name), "", std::move(help), "", &out, nullptr});
}

void command_line_parser::option(std::string name, std::string placeholder, std::string help, std::string& out) {
  options_.push_back({std::move(name), std::move(placeholder), std::move(help), "", nullptr, &out});
}

void command_line_parser::shorthand(std::string name, std::string placeholder, std::string key, std::string help) {
  options_.push_back({std::move(name), std::move(placeholder), std::move(help), std::move(key), nullptr, nullptr});
}

command_line command_line_parser::parse(std::span<const std::string> arguments) const {
  command_line line;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  add_own(app, line);
  for (const auto& o : options_) {
    if (o.flag)
      app.add_flag(o.name, *o.flag);
    else if (o.value)
      once(app, o.name, *o.value);
    else
      on_value(app, o.name, [&o, &line](const std::string& value) { line.overrides.push_back({o.key, value, o.name}); });
  }
  for (const auto& argument : arguments) // CLI11 would take the argument that follows for the value
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1)
      throw config_error{fmt::format(
        "{} is followed by no value; for an empty one write {} ''", argument, argument.substr(0, argument.size() - 1))};
  try {
    app.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});
  } catch (const CLI::ArgumentMismatch&) {
    throw config_error{fmt::format("{} wants a value", arguments.back())};
  } catch (const CLI::ParseError& e) {
    throw config_error{e.what()};
  }
  for (const auto& extra : app.remaining())
    if (extra != "--")
      throw config_error{unknown(extra)};
  return line;
}

std::string command_line_parser::unknown(std::string_view argument) const {
  if (!argument.starts_with('-'))
    return fmt::format("unexpected argument '{}'; options begin with --", argument);
  std::vector<std::string> names;
  for (const auto& o : own_options)
    names.emplace_back(o.name);
  for (const auto& o : options_)
    names.push_back(o.name);
  const auto name = argument.substr(0, argument.find('='));
  const auto nearest = nearest_name(name, names);
  return fmt::format(
    "unknown option {}; {}", name, nearest.empty() ? "--help lists all options" : fmt::format("did you mean {}?", nearest));
}

std::string command_line_parser::help(const known_settings& known) const {
  auto text = fmt::format("Usage: {} [OPTION...]\n{}\n\nOptions\n", program_, description_);
  for (const auto& o : own_options)
    text += option_line(o.name, o.placeholder, o.help);
  for (const auto& o : options_)
    text += option_line(o.name, o.placeholder, o.key.empty() ? o.help : fmt::format("{} (--set {}=…)", o.help, o.key));
  text += "\nSettings and their defaults. A file given by --config wins over the defaults, the environment over the file\n"
          "(kafka.brokers is LEAT_KAFKA_BROKERS), --set over the environment.\n";
  text += describe_settings(known);
  text += "\nExit codes\n"
          "  0    the input ended, or the program was stopped and finished what it had read\n"
          "  1    the job failed; the log says why\n"
          "  2    wrong options or settings; nothing was started\n"
          "  130  interrupted again, a second or more after the first time, and ended at once\n";
  return text;
}

} // namespace leat
