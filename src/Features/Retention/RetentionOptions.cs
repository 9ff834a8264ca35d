using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Retention;

/// <summary>How rules are applied. Configured in the section <c>Retention</c>.</summary>
/// <param name="Every">
/// How long after a rule was set, and after each time, what is due is looked for. <c>Retention:Every</c>, a day by default.
/// </param>
public sealed record RetentionOptions(TimeSpan Every)
{
    public static readonly RetentionOptions Default = new(TimeSpan.FromDays(1));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static RetentionOptions From(IConfiguration configuration) =>
        configuration["Retention:Every"] is not { } text ? Default
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var every) && every >= TimeSpan.FromSeconds(1)
            && every <= TimeSpan.FromDays(31)
            ? new RetentionOptions(every)
        : throw new InvalidOperationException("Retention:Every is a time span from 00:00:01 to 31 days.");
}
