#include <leat/apps/leat/command.hpp>

#include <leat/base/nearest_name.hpp>
#include <leat/pipeline/argument_parser.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <deque>

namespace leat::cli {

namespace {

/// What stands in front is the command: its group and its verb; none: no words stand there.
std::vector<std::string> first_words(std::span<const std::string> arguments) {
  std::vector<std::string> words;
  for (const auto& argument : arguments)
    if (words.size() < 2 && !argument.starts_with('-'))
      words.push_back(argument);
    else
      break;
  return words;
}

bool is_one_command(const command_group& group) {
  return group.commands.size() == 1 && group.commands.front().verb.empty();
}

config_error unknown_command(std::span<const command_group> groups, const std::string& asked) {
  std::vector<std::string> names;
  for (const auto& group : groups) {
    names.emplace_back(group.name);
    for (const auto& command : group.commands)
      if (!command.verb.empty())
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
      parser.each(std::string{option.name}, [&to, option](const std::string& value) {
        auto& values = to.what.options[std::string{option.name}];
        if (!values.empty() && !option.repeats)
          throw config_error{fmt::format("{} is given twice", option.name)};
        values.push_back(value);
      });
  auto words = parser.parse(arguments);
  auto flag = flags.begin();
  for (const auto& option : of ? of->options : std::vector<command_option>{})
    if (option.value.empty() && *flag++)
      to.what.options[std::string{option.name}] = {""};
  return words;
}

/// Finds group and command. @returns how many of the arguments that were.
std::size_t find_command(std::span<const command_group> groups, const std::vector<std::string>& named, command_line& line) {
  if (named.empty())
    return 0;
  const auto whole = fmt::format("{}", fmt::join(named, " "));
  const auto group = std::ranges::find(groups, named[0], &command_group::name);
  if (group == groups.end())
    throw unknown_command(groups, whole);
  line.group = &*group;
  if (is_one_command(*group)) {
    line.asked = &group->commands.front();
    return 1;
  }
  if (named.size() < 2)
    return 1;
  const auto asked = std::ranges::find(group->commands, named[1], &command::verb);
  if (asked == group->commands.end())
    throw unknown_command(groups, whole);
  line.asked = &*asked;
  return 2;
}

} // namespace

std::string name_of(const command_group& group, const command& of) {
  return fmt::format("leat {}{}{}", group.name, of.verb.empty() ? "" : " ", of.verb);
}

command_line parse_command_line(
  std::span<const command_group> groups, std::span<const std::string> arguments, const text_sink& out,
  const text_sink& err) {
  command_line line{.what = {{}, out, err, {}}};
  const auto taken = find_command(groups, first_words(arguments), line);
  const auto name = line.asked   ? name_of(*line.group, *line.asked)
                    : line.group ? fmt::format("leat {}", line.group->name)
                                 : std::string{"leat"};
  line.what.words = parse_options(line.asked, name, arguments.subspan(taken), line);
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
    throw config_error{
      line.asked->arguments.empty() ? fmt::format("{} takes options only, no words", name)
                                    : fmt::format("{} wants: {}", name, line.asked->arguments)};
  return line;
}

} // namespace leat::cli
