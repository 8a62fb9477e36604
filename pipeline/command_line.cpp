#include <leat/pipeline/command_line.hpp>

#include <leat/base/error.hpp>
#include <leat/pipeline/argument_parser.hpp>
#include <leat/pipeline/settings_text.hpp>

#include <fmt/format.h>

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
  {"--allow-dropped-state", "", "Begins although the checkpoint has state without a place in the job: it is dropped"},
  {"--bounded", "", "Reads up to what is the end of the input at start, closes all windows, and exits"},
  {"--explain", "", "Prints the plan of the job and exits"},
  {"--explain-time", "",
   "Logs every 10 s, and at the end, how far event time is in each step and what holds it; SIGUSR1 asks once"},
  {"--print-config", "", "Prints every setting in effect and where it comes from, and exits"},
  {"--help", "", "Prints this text and exits; also -h"},
  {"--version", "", "Prints the version and exits"},
};

void add_own(argument_parser& parser, command_line& line) {
  parser.once("--config", line.config_file);
  parser.each("--set", [&line](const std::string& text) { line.overrides.push_back(parse_override(text)); });
  parser.flag("--allow-dropped-state", line.allow_dropped_state);
  parser.flag("--bounded", line.bounded);
  parser.flag("--explain", line.explain);
  parser.flag("--explain-time", line.explain_time);
  parser.flag("--print-config", line.print_config);
  parser.flag("-h,--help", line.help);
  parser.flag("--version", line.version);
}

std::string option_line(std::string_view name, std::string_view placeholder, std::string_view help) {
  return fmt::format("  {:<28}{}\n", fmt::format("{} {}", name, placeholder), help);
}

} // namespace

command_line_parser::command_line_parser(std::string program, std::string description)
  : program_{std::move(program)}, description_{std::move(description)} {
  shorthand("--brokers", "HOST:PORT", "kafka.brokers", "Brokers to connect to first, separated by commas");
  shorthand("--parallelism", "N", "job.parallelism", "Shards of each keyed step");
  shorthand("--from-savepoint", "FILE", "checkpoints.from", "What a job without checkpoints of its own begins with");
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
  argument_parser parser;
  add_own(parser, line);
  for (const auto& o : options_) {
    if (o.flag)
      parser.flag(o.name, *o.flag);
    else if (o.value)
      parser.once(o.name, *o.value);
    else
      parser.each(o.name, [&o, &line](const std::string& value) { line.overrides.push_back({o.key, value, o.name}); });
  }
  for (const auto& word : parser.parse(arguments))
    throw config_error{fmt::format("unexpected argument '{}'; options begin with --", word)};
  if (line.allow_dropped_state)
    line.overrides.push_back({"checkpoints.allow-dropped-state", "true", "--allow-dropped-state"});
  return line;
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
