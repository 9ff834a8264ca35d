using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Erasure;

/// <summary>How persons and files are erased. Configured in the section <c>Erasure</c>.</summary>
/// <param name="CancelWithin">How long a person can cancel their own. <c>Erasure:CancelWithin</c>, 7 days by default.</param>
/// <param name="CancelFileWithin">How long the erasure of a file can be cancelled. <c>Erasure:CancelFileWithin</c>, a day by default.</param>
/// <param name="DoneWithin">Its deadline, when none is named. <c>Erasure:DoneWithin</c>, 30 days by default.</param>
/// <param name="SettleAfter">
/// How long after a key was destroyed it is looked whether anything is left: as long as other nodes may have it in memory.
/// <c>Erasure:SettleAfter</c>, 60 seconds by default.
/// </param>
/// <param name="Every">
/// How often it is looked whether a hold was lifted or an era has ended. <c>Erasure:Every</c>, an hour by default.
/// </param>
/// <param name="RebuildEvery">
/// How much time there is between two runs in which all views are made anew for the sake of files.
/// <c>Erasure:RebuildEvery</c>, 15 minutes by default.
/// </param>
/// <param name="TellWithin">
/// How long it waits for a mail server to take what is written to those whose access ended, before addresses go too.
/// <c>Erasure:TellWithin</c>, an hour by default.
/// </param>
public sealed record ErasureOptions(
    TimeSpan CancelWithin, TimeSpan CancelFileWithin, TimeSpan DoneWithin, TimeSpan SettleAfter, TimeSpan Every,
    TimeSpan RebuildEvery, TimeSpan TellWithin)
{
    public static readonly ErasureOptions Default = new(
        TimeSpan.FromDays(7), TimeSpan.FromDays(1), TimeSpan.FromDays(30), TimeSpan.FromSeconds(60), TimeSpan.FromHours(1),
        TimeSpan.FromMinutes(15), TimeSpan.FromHours(1));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static ErasureOptions From(IConfiguration configuration) => new(
        Read(configuration, "CancelWithin", TimeSpan.Zero, Default.CancelWithin),
        Read(configuration, "CancelFileWithin", TimeSpan.Zero, Default.CancelFileWithin),
        Read(configuration, "DoneWithin", TimeSpan.FromSeconds(1), Default.DoneWithin),
        Read(configuration, "SettleAfter", TimeSpan.Zero, Default.SettleAfter),
        Read(configuration, "Every", TimeSpan.FromSeconds(1), Default.Every),
        Read(configuration, "RebuildEvery", TimeSpan.Zero, Default.RebuildEvery),
        Read(configuration, "TellWithin", TimeSpan.Zero, Default.TellWithin));

    private static TimeSpan Read(IConfiguration configuration, string name, TimeSpan least, TimeSpan otherwise) =>
        configuration[$"Erasure:{name}"] is not { } text ? otherwise
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= least && span <= TimeSpan.FromDays(366)
            ? span
        : throw new InvalidOperationException($"Erasure:{name} is a time span from {least} to 366 days.");
}
