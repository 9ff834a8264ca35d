using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>Everybody's mailbox. Each ninth letter is refused once: it is sent again.</summary>
internal sealed class Mailboxes : IMail
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<Features.Vocabulary.Mail> all = [];
    private int asked;

    public bool IsOn => true;

    public Task<bool> Send(Features.Vocabulary.Mail mail, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref asked) % 9 == 0)
            throw new TransientException("The server is away just now.");
        all.Enqueue(mail);
        return Task.FromResult(true);
    }

    /// <summary>How many letters with such a link have come.</summary>
    /// <param name="what">As the link says: confirm, reset, invitation.</param>
    public int Count(string to, string what) => Tokens(to, what).Count;

    /// <summary>What the link of the next letter bears; null when none comes: it may have been void before it was sent.</summary>
    /// <param name="known">How many had come before it was asked for.</param>
    public async Task<string?> Next(string to, string what, int known)
    {
        for (var since = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(since) < Patience;)
        {
            if (Tokens(to, what) is var tokens && tokens.Count > known)
                return tokens[^1];
            await Task.Delay(20, CancellationToken.None);
        }

        return null;
    }

    private List<string> Tokens(string to, string what) =>
    [
        .. all.Where(mail => mail.To == to).SelectMany(mail => mail.Text.Split('\n'))
            .Where(line => line.Contains($"#{what}=", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim()),
    ];
}
