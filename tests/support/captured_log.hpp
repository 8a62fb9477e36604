#pragma once

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>

namespace leat::testing {

/// Takes what is logged, for as long as it lives. Outlives the threads that log; may be asked while they do.
class captured_log {
public:
  captured_log() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("capture", lines_)); }
  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;
  ~captured_log() { spdlog::set_default_logger(before_); }

  /// The lines that have this in them; each begins with its level: "warning: …".
  [[nodiscard]] int count(std::string_view part) const {
    std::istringstream lines{lines_->text()};
    int found = 0;
    for (std::string one; std::getline(lines, one);)
      found += one.find(part) != std::string::npos ? 1 : 0;
    return found;
  }

private:
  class line_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    [[nodiscard]] std::string text() {
      const std::lock_guard lock{mutex_};
      return text_;
    }

  private:
    void sink_it_(const spdlog::details::log_msg& one) override {
      const auto level = spdlog::level::to_string_view(one.level);
      text_.append(level.data(), level.size()).append(": ").append(one.payload.data(), one.payload.size()).push_back('\n');
    }
    void flush_() override {}

    std::string text_; // guarded by mutex_
  };

  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::shared_ptr<line_sink> lines_ = std::make_shared<line_sink>();
};

} // namespace leat::testing
