using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Delete;

/// <summary>How the object store is kept in agreement with the log. Configured in the section <c>Storage</c>.</summary>
/// <param name="Grace">
/// How old an object must be before it counts that nothing stands for it. <c>Storage:Grace</c>, an hour by default: far
/// longer than any commit takes.
/// </param>
/// <param name="Every">How often the store is gone through. <c>Storage:Every</c>, hourly by default.</param>
public sealed record StorageOptions(TimeSpan Grace, TimeSpan Every)
{
    public static readonly StorageOptions Default = new(TimeSpan.FromHours(1), TimeSpan.FromHours(1));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static StorageOptions From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Storage");
        return new StorageOptions(
            Span(section, "Grace", Default.Grace, TimeSpan.Zero), Span(section, "Every", Default.Every, TimeSpan.FromMilliseconds(1)));
    }

    private static TimeSpan Span(IConfigurationSection section, string name, TimeSpan otherwise, TimeSpan least) =>
        section[name] is not { } text ? otherwise
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= least && span <= TimeSpan.FromDays(30) ? span
        : throw new InvalidOperationException($"Storage:{name} is a time span such as 01:00:00, at most 30 days.");
}
