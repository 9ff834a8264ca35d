using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Export;

/// <summary>How people take along what is theirs. Configured in the section <c>Export</c>.</summary>
/// <param name="Life">For how long it can be downloaded. <c>Export:Life</c>, 7 days by default.</param>
/// <param name="Every">How long after asking for one another may be asked for. <c>Export:Every</c>, an hour by default.</param>
public sealed record ExportOptions(TimeSpan Life, TimeSpan Every)
{
    /// <summary>After so long without a sign of it the making is given up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    public static readonly ExportOptions Default = new(TimeSpan.FromDays(7), TimeSpan.FromHours(1));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static ExportOptions From(IConfiguration configuration) => new(
        Read(configuration, "Life", TimeSpan.FromSeconds(1), Default.Life),
        Read(configuration, "Every", TimeSpan.Zero, Default.Every));

    private static TimeSpan Read(IConfiguration configuration, string name, TimeSpan least, TimeSpan otherwise) =>
        configuration[$"Export:{name}"] is not { } text ? otherwise
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= least && span <= TimeSpan.FromDays(366)
            ? span
        : throw new InvalidOperationException($"Export:{name} is a time span from {least} to 366 days.");
}
