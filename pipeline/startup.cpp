#include <leat/pipeline/startup.hpp>

#include <leat/base/error.hpp>
#include <leat/base/version.hpp>
#include <leat/pipeline/console.hpp>
#include <leat/pipeline/logging.hpp>
#include <leat/pipeline/settings_text.hpp>

#include <fmt/format.h>

namespace leat {

namespace {

void refuse(launch& result, const command_line_parser& parser, const char* why) {
  result.exit = exit_usage;
  result.complaint = fmt::format("{}: {}\n", parser.program(), why);
}

} // namespace

launch plan_launch(
  const command_line_parser& parser, std::span<const embedded_file> application_defaults,
  std::span<const std::string> arguments, std::vector<std::pair<std::string, std::string>> environment) {
  launch result;
  try {
    std::vector<embedded_file> files{embedded::defaults};
    files.insert(files.end(), application_defaults.begin(), application_defaults.end());
    const known_settings known{files};
    result.line = parser.parse(arguments);
    if (result.line.help)
      result.output = parser.help(known);
    else if (result.line.version)
      result.output = fmt::format("{} (Leat {})\n", parser.program(), version);
    else
      result.config = load_settings(known, {result.line.config_file, std::move(environment), result.line.overrides});
    if (result.output.empty() && result.line.print_config)
      result.output = print_settings(result.config);
    if (!result.output.empty())
      result.exit = exit_done;
  } catch (const config_error& e) {
    refuse(result, parser, e.what());
  }
  return result;
}

launch start_up(
  const command_line_parser& parser, std::span<const embedded_file> application_defaults, int argc,
  const char* const* argv) {
  protect_standard_streams();
  const std::vector<std::string> arguments{argv + (argc > 0 ? 1 : 0), argv + argc};
  auto result = plan_launch(parser, application_defaults, arguments, leat_environment());
  if (!result.exit) {
    try {
      set_up_logging(result.config);
    } catch (const config_error& e) {
      refuse(result, parser, e.what());
    }
  }
  if (!result.output.empty())
    standard_console().print(result.output);
  if (!result.complaint.empty())
    standard_console().log(result.complaint);
  return result;
}

} // namespace leat
