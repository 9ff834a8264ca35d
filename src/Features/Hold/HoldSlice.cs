namespace EventFiles.Features.Hold;

/// <summary>Lets auditors forbid that something is deleted for good. A hold wins over every deletion.</summary>
public static class HoldSlice
{
    public static Slice Define() => new Slice("hold")
        .Serves(HoldEndpoint.Map)
        .Answers<PlaceHold, HoldView, HoldHandler, PlaceHoldShape>()
        .Answers<LiftHold, HoldView, HoldHandler, LiftHoldShape>()
        .Answers<ReadHold, HoldView, HoldHandler>()
        .Answers<ListHolds, Page<HoldView>, HoldHandler, ListHoldsShape>()
        .Answers<ReadFileHold, FileHold, HoldHandler>()
        .Stores<HoldEvent.Placed>("hold.placed.v1")
        .Stores<HoldEvent.Lifted>("hold.lifted.v1")
        .KeepsFromHistory(() => happened => happened.Fact is HoldEvent) // That there is one, its owner is told; by whom and why, auditors.
        .Shows(HoldProjection.Define())
        .Offers<IHolds, HoldRegister>();
}
