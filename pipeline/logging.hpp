#pragma once

#include <leat/base/settings.hpp>
#include <leat/pipeline/console.hpp>

#include <cstdint>

namespace leat {

/// Makes the process survive its own output: a write to a closed pipe or beyond a file size limit fails instead of
/// killing it (SIGPIPE and SIGXFSZ are ignored), and a standard stream that was closed at start is opened on /dev/null,
/// because the next file or socket would otherwise get its number and find log lines in itself.
/// The first call of `main`, before any thread or file.
void protect_standard_streams();

/// Sends what is logged with spdlog's default logger to `to`'s standard error and, when `log.file` is set, to that file:
/// `log.level`, `log.format` and `log.file` say how. All layers log by `spdlog::info(…)` and its like; a clone of the
/// default logger that bears a step's name (`spdlog::default_logger()->clone("alerts")`) adds the step to each line.
///
/// Writing is synchronous and unbuffered, and takes at most a tenth of a second: a line that cannot be written is counted
/// and dropped, and once writing works again the log says how many are missing.
///
/// Called once more, it replaces what was set up before; not while other threads log.
/// @param to must outlive all logging.
/// @throws config_error when the file cannot be opened.
void set_up_logging(const settings& config, console& to = standard_console());

/// How many lines, of standard error and file together, this process could not write.
[[nodiscard]] std::uint64_t lost_log_lines() noexcept;

} // namespace leat
