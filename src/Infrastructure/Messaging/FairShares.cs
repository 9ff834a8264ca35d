using System.Diagnostics.CodeAnalysis;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// Work that is due, by owner. The next piece is that of the owner who has least under way, and of several such the one
/// who has waited longest: whoever hands over a thousand slow pieces slows down nobody but themselves. Within an owner
/// work begins in order of its time. Not safe for threads; each operation is logarithmic.
/// </summary>
internal sealed class FairShares
{
    private readonly Dictionary<AccountId, Share> shares = [];
    private readonly SortedSet<Share> turns = new(Comparer<Share>.Create((one, other) =>
        (one.Running, one.Turn).CompareTo((other.Running, other.Turn))));

    private long lastTurn;

    /// <summary>How many pieces have not begun.</summary>
    public int Waiting { get; private set; }

    /// <summary>Puts a piece of work to its owner's others.</summary>
    /// <param name="order">When it is due, and a number for those that are due at once.</param>
    public void Add(Delivery delivery, (TimeSpan Due, long Ticket) order)
    {
        if (!shares.TryGetValue(delivery.Message.Owner, out var share))
            shares.Add(delivery.Message.Owner, share = new Share { Turn = ++lastTurn });
        share.Waiting.Enqueue(delivery, order);
        turns.Add(share);
        Waiting++;
    }

    /// <summary>Takes the next piece out; it counts as under way until it has ended.</summary>
    public bool TryBegin([NotNullWhen(true)] out Delivery? delivery)
    {
        if (turns.Min is not { } share)
        {
            delivery = null;
            return false;
        }

        delivery = share.Waiting.Dequeue();
        Waiting--;
        Move(share, share.Running + 1, share.Turn);
        return true;
    }

    /// <summary>A piece that had begun has ended: its owner goes behind those who wait already.</summary>
    public void End(Delivery delivery)
    {
        var share = shares[delivery.Message.Owner];
        Move(share, share.Running - 1, ++lastTurn);
        if (share.Running == 0 && share.Waiting.Count == 0)
            shares.Remove(delivery.Message.Owner);
    }

    // What the order rests on may change only while the share is not in it.
    private void Move(Share share, int running, long turn)
    {
        turns.Remove(share);
        (share.Running, share.Turn) = (running, turn);
        if (share.Waiting.Count > 0)
            turns.Add(share);
    }

    /// <summary>What one owner has.</summary>
    private sealed class Share
    {
        public PriorityQueue<Delivery, (TimeSpan Due, long Ticket)> Waiting { get; } = new();

        public int Running { get; set; }

        /// <summary>No two have the same.</summary>
        public long Turn { get; set; }
    }
}
