#pragma once

#include <leat/base/metrics.hpp>
#include <leat/base/settings.hpp>
#include <leat/connectors/http/http_server.hpp>
#include <leat/connectors/registry.hpp>
#include <leat/connectors/registry/registry_client.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shop {

struct purchase {
  std::string id;
  std::int64_t quantity = 0;
  std::optional<std::string> note;
  bool operator==(const purchase&) const = default;
};
BOOST_DESCRIBE_STRUCT(purchase, (), (id, quantity, note))

} // namespace shop

namespace leat::testing {

using strings = std::vector<std::string>;

inline setting said(std::string value) {
  return {.value = std::move(value), .origin = "--set", .items = {}, .is_list = false};
}

// What a registry answers when it is asked for a schema.

inline schema_answer found(std::uint32_t id, const std::string& text, const std::string& kind = "AVRO") {
  auto made = std::make_shared<kept_schema>();
  made->id = id;
  made->kind = kind;
  made->schema.text = text;
  return {{.what = registry_answer::outcome::done}, std::move(made)};
}

inline schema_answer failed(registry_answer::outcome what, const std::string& why) {
  return {{.what = what, .reason = why}, nullptr};
}

/// What a job knows that has a registry at these URLs.
class registry_job {
public:
  explicit registry_job(const strings& urls) {
    config_.set("registry.url", {.value = "", .origin = "--set", .items = urls, .is_list = true});
    for (const auto* key : {"user", "password", "password-file", "ca-file", "certificate-file", "key-file"})
      config_.set(std::string{"registry."} + key, said(""));
    config_.set("registry.timeout", said("5s"));
    config_.set("registry.register", said("true"));
    context_.job = "test";
    context_.step = "orders";
    context_.config = &config_;
    context_.metrics = &metrics_;
  }
  registry_job(const registry_job&) = delete;
  registry_job& operator=(const registry_job&) = delete;

  registry_job& set(const std::string& key, const std::string& value) {
    config_.set(key, said(value));
    return *this;
  }

  [[nodiscard]] const settings& config() const noexcept { return config_; }
  [[nodiscard]] connector_context& context() noexcept { return context_; }

  [[nodiscard]] std::shared_ptr<const format> open(const format& of, format_use::way does) {
    return of.opened({does, &context_, "orders", &schema_of<shop::purchase>()});
  }

private:
  settings config_;
  metrics metrics_;
  connector_context context_;
};

/// A registry that answers as it was told to, by "GET /path" or "POST /path"; with Confluent's 404 when it was not told. Guards
/// itself.
class scripted_registry {
public:
  /// Each question takes the next of its replies, and the last one again and again.
  void answers(const std::string& question, std::vector<http_server::response> with) {
    const std::lock_guard lock{m_};
    replies_[question] = std::move(with);
  }

  [[nodiscard]] std::string url() const { return server_.url(""); }

  /// What was asked, in order: "GET /path".
  [[nodiscard]] strings asked() const {
    const std::lock_guard lock{m_};
    return asked_;
  }

  /// The last question.
  [[nodiscard]] http_server::request last() const {
    const std::lock_guard lock{m_};
    return last_;
  }

private:
  http_server::response answer(const http_server::request& r) {
    const std::lock_guard lock{m_};
    last_ = r;
    asked_.push_back(r.method + " " + r.path);
    const auto found = replies_.find(asked_.back());
    if (found == replies_.end())
      return {.status = 404, .body = R"({"error_code":40403,"message":"not found"})"};
    auto reply = found->second.front();
    if (found->second.size() > 1)
      found->second.erase(found->second.begin());
    return reply;
  }

  mutable std::mutex m_;
  std::map<std::string, std::vector<http_server::response>> replies_; // guarded by m_
  strings asked_;                                                     // guarded by m_
  http_server::request last_;                                         // guarded by m_
  http_server server_{[this](const http_server::request& r) { return answer(r); }};
};

} // namespace leat::testing
