#include <leat/apps/leat/leat_command.hpp>

#include <leat/apps/leat/command_groups.hpp>
#include <leat/apps/leat/command_help.hpp>
#include <leat/base/error.hpp>
#include <leat/base/version.hpp>
#include <leat/persistence/checkpoint_view.hpp>
#include <leat/pipeline/line_writer.hpp>

#include <fmt/format.h>

namespace leat::cli {

namespace {

int run(std::span<const std::string> arguments, const text_sink& out, const text_sink& err) {
  const command_group groups[] = {state_group(),   savepoint_group(), topics_group(), lag_group(),
                                  produce_group(), consume_group(),   dlq_group()};
  const auto line = parse_command_line(groups, arguments, out, err);
  if (line.version)
    out(fmt::format("leat {}\n", version));
  else if (line.help)
    out(!line.group ? help_of_all(groups) : !line.asked ? help_of(*line.group) : help_of(*line.group, *line.asked));
  else
    return line.asked->run(line.what);
  return command_done;
}

} // namespace

std::chrono::milliseconds output_patience(std::span<const std::string> arguments) {
  const bool reads_checkpoint = !arguments.empty() && (arguments[0] == "state" || arguments[0] == "savepoint");
  return reads_checkpoint ? default_reading_time : line_writer::for_ever;
}

int run_leat_command(std::span<const std::string> arguments, const text_sink& out, const text_sink& err) {
  try {
    return run(arguments, out, err);
  } catch (const reader_gone&) {
    return command_done;
  } catch (const config_error& e) {
    err(fmt::format("leat: {}\n", e.what()));
    return command_usage;
  } catch (const view_too_old& e) {
    err(fmt::format(
      "leat: {}; --max-age allows more, `leat savepoint list` shows retained ones, which may be read for ever\n",
      e.what()));
  } catch (const std::exception& e) {
    err(fmt::format("leat: {}\n", e.what()));
  }
  return command_failed;
}

} // namespace leat::cli
