#include <leat/apps/leat/command_help.hpp>

#include <leat/apps/leat/leat_command.hpp>

#include <fmt/format.h>

#include <iterator>

namespace leat::cli {

namespace {

constexpr std::size_t width = 120;

/// `text` in lines of `width`, all but the first one behind `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string made;
  std::size_t column = indent;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > indent && column + 1 + word.size() > width) {
      made += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      made += ' ';
      ++column;
    }
    made += word;
    column += word.size();
  }
  return made;
}

/// What it is, and beside it, or below if it is long, what it does.
std::string entry(const std::string& what, std::string_view does, std::size_t column) {
  const bool beside = what.size() + 2 < column;
  return fmt::format(
    "  {}{}{}\n", what, beside ? std::string(column - what.size() - 2, ' ') : '\n' + std::string(column, ' '),
    wrapped(does, column));
}

void write_commands(std::string& to, const command_group& group) {
  for (const auto& c : group.commands)
    to += entry(fmt::format("{}{}{}", name_of(group, c), c.arguments.empty() ? "" : " ", c.arguments), c.does, 46);
}

constexpr command_option help_option{"--help, -h", "", "This text; of a group or a command behind its name."};
constexpr command_option version_option{"--version", "", "The version."};

void write_options(std::string& to, const std::vector<command_option>& options) {
  for (const auto& option : options)
    to += entry(fmt::format("{}{}{}", option.name, option.value.empty() ? "" : " ", option.value), option.does, 27);
}

} // namespace

std::string help_of_all(std::span<const command_group> groups) {
  std::string text = "Usage: leat COMMAND ARGUMENT... [OPTION...]\n";
  for (const auto& group : groups) {
    fmt::format_to(std::back_inserter(text), "\n{}\n", group.title);
    write_commands(text, group);
  }
  text += "\n`leat COMMAND --help` explains one, with its options. Without a command:\n";
  write_options(text, {{help_option, version_option}});
  return text + "\nExit codes\n" + std::string{exit_codes};
}

std::string help_of(const command_group& group) {
  std::string text = fmt::format("{}\n", group.title);
  write_commands(text, group);
  return text + '\n' + wrapped(group.notes, 0) + "\n`leat " + std::string{group.name} +
         " COMMAND --help` lists the options of one.\n";
}

std::string help_of(const command_group& group, const command& of) {
  auto text = fmt::format(
    "Usage: {}{}{} [OPTION...]\n{}\n\n{}\n\nOptions\n", name_of(group, of), of.arguments.empty() ? "" : " ", of.arguments,
    wrapped(of.does, 0), wrapped(group.notes, 0));
  write_options(text, of.options);
  write_options(text, {{help_option}});
  return text;
}

} // namespace leat::cli
