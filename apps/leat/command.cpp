#include <leat/apps/leat/command.hpp>

#include <leat/base/nearest_name.hpp>
#include <leat/pipeline/argument_parser.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <deque>

namespace leat::cli {

namespace {

/// What stands in front is the command; none: no words stand there.
std::vector<std::string> first_words(std::span<const std::string> arguments) {
  std::vector<std::string> words;
  for (const auto& argument : arguments)
    if (words.size() < 2 && !argument.starts_with('-'))
      words.push_back(argument);
    else
      break;
  return words;
}

config_error unknown_command(std::span<const command_group> groups, const std::string& asked) {
  std::vector<std::string> names;
  for (const auto& group : groups) {
    names.emplace_back(group.name);
    for (const auto& command : group.commands)
      names.push_back(fmt::format("{} {}", group.name, command.verb));
  }
  const auto nearest = nearest_name(asked, names);
  return config_error{fmt::format(
    "unknown command '{}'; {}", asked, nearest.empty() ? "--help lists them" : fmt::format("did you mean '{}'?", nearest))};
}

/// The command's options go into `to`. @returns the words.
std::vector<std::string>
parse_options(const command* of, const std::string& name, std::span<const std::string> arguments, command_line& to) {
  argument_parser parser{fmt::format("`{} --help` lists its options", name)};
  parser.flag("-h,--help", to.help);
  parser.flag("--version", to.version);
  std::deque<bool> flags; // places stay
  for (const auto& option : of ? of->options : std::vector<command_option>{})
    if (option.value.empty())
      parser.flag(std::string{option.name}, flags.emplace_back(false));
    else
      parser.each(std::string{option.name}, [&to, name = std::string{option.name}](const std::string& value) {
        if (!to.what.options.emplace(name, value).second)
          throw config_error{fmt::format("{} is given twice", name)};
      });
  auto words = parser.parse(arguments);
  auto flag = flags.begin();
  for (const auto& option : of ? of->options : std::vector<command_option>{})
    if (option.value.empty() && *flag++)
      to.what.options.emplace(option.name, "");
  return words;
}

} // namespace

command_line
parse_command_line(std::span<const command_group> groups, std::span<const std::string> arguments, const text_sink& out) {
  command_line line{.what = {{}, out, {}}};
  const auto named = first_words(arguments);
  std::string name = "leat";
  if (!named.empty()) {
    const auto group = std::ranges::find(groups, named[0], &command_group::name);
    if (group == groups.end())
      throw unknown_command(groups, fmt::format("{}", fmt::join(named, " ")));
    line.group = &*group;
    name += ' ' + named[0];
  }
  if (named.size() == 2) {
    const auto asked = std::ranges::find(line.group->commands, named[1], &command::verb);
    if (asked == line.group->commands.end())
      throw unknown_command(groups, fmt::format("{}", fmt::join(named, " ")));
    line.asked = &*asked;
    name += ' ' + named[1];
  }
  line.what.words = parse_options(line.asked, name, arguments.subspan(named.size()), line);
  if (line.help || line.version)
    return line;
  if (!line.group)
    throw config_error{"which command? --help lists them"};
  if (!line.asked) {
    std::vector<std::string_view> verbs;
    for (const auto& command : line.group->commands)
      verbs.push_back(command.verb);
    throw config_error{fmt::format("{0} what? {1}; `{0} --help` says what each does", name, fmt::join(verbs, ", "))};
  }
  if (line.what.words.size() < line.asked->least || line.what.words.size() > line.asked->most)
    throw config_error{fmt::format("{} wants: {}", name, line.asked->arguments)};
  return line;
}

} // namespace leat::cli
