using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Operate;

/// <summary>When streams that are over are archived. Configured in the section <c>Archive</c>.</summary>
/// <param name="Grace">
/// For how long a stream must have been over. <c>Archive:Grace</c>, 30 days by default: what is asked about something that
/// has just ended is answered from memory.
/// </param>
/// <param name="Every">How often it is looked for. <c>Archive:Every</c>, hourly by default.</param>
public sealed record ArchiveOptions(TimeSpan Grace, TimeSpan Every)
{
    public static readonly ArchiveOptions Default = new(TimeSpan.FromDays(30), TimeSpan.FromHours(1));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static ArchiveOptions From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Archive");
        return new ArchiveOptions(
            Span(section, "Grace", Default.Grace, TimeSpan.Zero, TimeSpan.FromDays(3650)),
            Span(section, "Every", Default.Every, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30)));
    }

    private static TimeSpan Span(IConfigurationSection section, string name, TimeSpan otherwise, TimeSpan least, TimeSpan most) =>
        section[name] is not { } text ? otherwise
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= least && span <= most ? span
        : throw new InvalidOperationException($"Archive:{name} is a time span such as 30.00:00:00, from {least} to {most}.");
}
