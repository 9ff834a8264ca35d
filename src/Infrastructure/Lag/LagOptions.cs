using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Infrastructure.Lag;

/// <summary>When readers are late. Configured in the section <c>Lag</c>.</summary>
/// <param name="Alarm">How far behind is too far. <c>Lag:Alarm</c>, 30 seconds by default.</param>
/// <param name="Every">How often that is looked at. <c>Lag:Every</c>, every 5 seconds by default.</param>
public sealed record LagOptions(TimeSpan Alarm, TimeSpan Every)
{
    public static readonly LagOptions Default = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static LagOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("Lag");
        return new LagOptions(Span(section, "Alarm", Default.Alarm), Span(section, "Every", Default.Every));
    }

    private static TimeSpan Span(IConfigurationSection section, string name, TimeSpan otherwise) =>
        section[name] is not { } text ? otherwise
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.FromMilliseconds(10) && span <= TimeSpan.FromDays(1) ? span
        : throw new InvalidOperationException($"Lag:{name} is a time span such as 00:00:30, at most a day.");
}
