#include <leat/pipeline/argument_parser.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat {

namespace {

bool is_word(std::string_view argument) {
  return !argument.starts_with('-') || argument == "-" || argument.find_first_of("0123456789") == 1;
}

void refuse_missing_values(std::span<const std::string> arguments) {
  for (const auto& argument : arguments) // CLI11 would take the argument that follows for the value
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1)
      throw config_error{fmt::format(
        "{} is followed by no value; for an empty one write {} ''", argument, argument.substr(0, argument.size() - 1))};
}

} // namespace

struct argument_parser::parts {
  CLI::App app;
  std::vector<std::string> names;
  std::string help;
};

argument_parser::argument_parser(std::string help) : parts_{std::make_unique<parts>()} {
  parts_->help = std::move(help);
  parts_->app.set_help_flag();
  parts_->app.allow_extras();
}

argument_parser::~argument_parser() = default;

void argument_parser::flag(const std::string& names, bool& out) {
  parts_->names.push_back(names.substr(names.find("--")));
  parts_->app.add_flag(names, out);
}

void argument_parser::each(const std::string& name, const std::function<void(const std::string&)>& take) {
  parts_->names.push_back(name);
  parts_->app.add_option_function<std::string>(name, take)->trigger_on_parse();
}

void argument_parser::once(const std::string& name, std::string& out) {
  each(name, [name, &out, given = false](const std::string& value) mutable {
    if (std::exchange(given, true))
      throw config_error{fmt::format("{} is given twice", name)};
    out = value;
  });
}

std::vector<std::string> argument_parser::parse(std::span<const std::string> arguments) {
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  const std::vector<std::string> options{arguments.begin(), end};
  refuse_missing_values(options);
  try {
    parts_->app.parse(std::vector<std::string>{options.rbegin(), options.rend()});
  } catch (const CLI::ArgumentMismatch&) {
    throw config_error{fmt::format("{} wants a value", options.back())};
  } catch (const CLI::ParseError& e) {
    throw config_error{e.what()};
  }
  auto words = parts_->app.remaining();
  for (const auto& word : words)
    if (!is_word(word))
      throw config_error{unknown(word)};
  if (end != arguments.end())
    words.insert(words.end(), std::next(end), arguments.end());
  return words;
}

std::string argument_parser::unknown(std::string_view argument) const {
  const auto name = argument.substr(0, argument.find('='));
  const auto nearest = nearest_name(name, parts_->names);
  return fmt::format(
    "unknown option {}; {}", name, nearest.empty() ? parts_->help : fmt::format("did you mean {}?", nearest));
}

} // namespace leat
