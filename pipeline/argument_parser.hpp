#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Reads the arguments of a program: options, which begin with two dashes, and words. The only source that includes CLI11, which
/// takes seconds to compile: every program's command line is read by this.
///
///     argument_parser parser;
///     parser.once("--limit", limit);
///     const auto words = parser.parse(arguments);
///
/// Used on one thread, at start. What options write to outlives `parse`.
class argument_parser {
public:
  /// @param help where the options are listed, for complaints about one that there is not.
  explicit argument_parser(std::string help = "--help lists all options");
  argument_parser(const argument_parser&) = delete;
  argument_parser& operator=(const argument_parser&) = delete;
  ~argument_parser();

  /// An option without value; `out` becomes true when it is given.
  /// @param names "--quiet", or "-q,--quiet".
  void flag(const std::string& names, bool& out);

  /// An option with a value; `take` is called each time it is met, in the order of the arguments.
  void each(const std::string& name, const std::function<void(const std::string&)>& take);

  /// An option with a value that may be given once.
  void once(const std::string& name, std::string& out);

  /// @param arguments without the program's name.
  /// @returns what is no option: words, numbers also when they are negative, and all that stands behind `--`.
  /// @throws config_error with one line for the user.
  [[nodiscard]] std::vector<std::string> parse(std::span<const std::string> arguments);

private:
  [[nodiscard]] std::string unknown(std::string_view argument) const;

  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace leat
