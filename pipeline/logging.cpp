#include <leat/pipeline/logging.hpp>

#include <leat/base/error.hpp>
#include <leat/pipeline/log_format.hpp>

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>

#include <fcntl.h>
#include <unistd.h>

namespace leat {

namespace {

std::atomic<std::uint64_t> lost_lines{0};

std::string_view name_of(spdlog::level::level_enum level) {
  constexpr std::string_view names[] = {"trace", "debug", "info", "warn", "error", "error"};
  return static_cast<std::size_t>(level) < std::size(names) ? names[level] : "error";
}

/// Turns spdlog's messages into lines, and owns up to those it could not write. Called under the base's mutex.
class line_sink : public spdlog::sinks::base_sink<std::mutex> {
protected:
  /// @returns false when the line was lost.
  virtual bool write_record(const log_record& record) = 0;
  [[nodiscard]] virtual int last_error() const = 0;

private:
  void sink_it_(const spdlog::details::log_msg& message) final {
    const auto time = std::chrono::floor<duration>(message.time);
    const auto view = [](auto text) { return std::string_view{text.data(), text.size()}; };
    if (
      missing_ > 0 &&
      write_record(
        {time, "warn", "", fmt::format("{} log lines are missing here: {}", missing_, std::strerror(last_error()))}))
      missing_ = 0;
    if (missing_ == 0 && write_record({time, name_of(message.level), view(message.logger_name), view(message.payload)}))
      return;
    ++missing_;
    lost_lines.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() final {}

  std::uint64_t missing_ = 0;
};

class console_sink final : public line_sink {
public:
  console_sink(console& to, bool json) : to_{to}, json_{json}, colour_{to.interactive() && !std::getenv("NO_COLOR")} {}

private:
  bool write_record(const log_record& record) override {
    return to_.log(json_ ? json_log_line(record) : text_log_line(record, colour_));
  }
  [[nodiscard]] int last_error() const override { return to_.last_error(); }

  console& to_;
  const bool json_;
  const bool colour_;
};

class file_sink final : public line_sink {
public:
  explicit file_sink(const setting& path)
    : fd_{::open(path.value.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644)}, writer_{fd_, 100ms} {
    if (fd_ < 0)
      refuse_setting("log.file", path, fmt::format("'{}' cannot be opened: {}", path.value, std::strerror(errno)));
  }
  ~file_sink() override { ::close(fd_); }
  file_sink(const file_sink&) = delete;
  file_sink& operator=(const file_sink&) = delete;

private:
  bool write_record(const log_record& record) override { return writer_.write(json_log_line(record)); }
  [[nodiscard]] int last_error() const override { return writer_.last_error(); }

  const int fd_;
  line_writer writer_;
};

} // namespace

void protect_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF)
      (void)::open("/dev/null", O_RDWR); // takes the lowest free number, which is this one
}

void set_up_logging(const settings& config, console& to) {
  const auto format = config.text("log.format");
  std::vector<spdlog::sink_ptr> sinks;
  sinks.push_back(std::make_shared<console_sink>(to, format == "json" || (format == "auto" && !to.interactive())));
  if (const auto& file = config.at("log.file"); !file.value.empty())
    sinks.push_back(std::make_shared<file_sink>(file));
  const auto logger = std::make_shared<spdlog::logger>("", sinks.begin(), sinks.end());
  logger->set_level(spdlog::level::from_str(config.text("log.level")));
  logger->set_error_handler([](const std::string&) { lost_lines.fetch_add(1, std::memory_order_relaxed); });
  spdlog::set_default_logger(logger);
}

std::uint64_t lost_log_lines() noexcept { return lost_lines.load(std::memory_order_relaxed); }

} // namespace leat
