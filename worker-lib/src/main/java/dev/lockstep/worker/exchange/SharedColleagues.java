package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.exchange.Transport.Reply;
import dev.lockstep.worker.model.GradientNorms;
import dev.lockstep.worker.model.ParameterRange;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Elements;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * All members of a gang whose executors share each optimizer step, as one of them sees them. It steps its part of the
 * slices that its executor owns; all others it takes over.
 *
 * @param here those of its JVM
 */
record SharedColleagues(Colleagues here, Team team, SharedStep shared, Patience patience) implements Colleagues {
    @Override
    public int size() {
        return here.size();
    }

    @Override
    public int place() {
        return here.place();
    }

    @Override
    public Elements elements(int place) {
        return here.elements(place);
    }

    @Override
    public void meet(String what) {
        here.meet(what);
    }

    @Override
    public boolean isAlone() {
        return false;
    }

    @Override
    public GradientNorms norms() {
        return shared.norms();
    }

    private Elements replica() {
        return elements(place());
    }

    private boolean isMine(Slice slice) {
        return shared.isOwn(slice) && stepper(slice) == place();
    }

    /** At which place of its owner a slice is stepped. */
    private int stepper(Slice slice) {
        return slice.number() % size();
    }

    @Override
    public List<ParameterRange> own() {
        List<ParameterRange> own = new ArrayList<>();
        for (Slice slice : shared.slices()) {
            int to = Math.min(slice.to(), replica().parameters());
            if (isMine(slice) && slice.from() < to) {
                own.add(new ParameterRange(slice.from(), to));
            }
        }
        return own;
    }

    @Override
    public void step(long step, PartOfStep part) {
        float[] result = team.result();
        for (Slice slice : shared.slices()) {
            if (isMine(slice)) {
                part.take(slice.from(), slice.to());
                replica().read(result, slice.from(), slice.to());
                team.answerWithResult(slice, null);
            }
        }
        team.requests().await(patience, place(), "the parameters after step " + step + " from the other executors");
        meet("take their part of step " + step);
        int from = 0;
        for (Slice slice : shared.slices()) {
            if (isMine(slice)) {
                replica().take(result, from, slice.from());
                from = slice.to();
            }
        }
        replica().take(result, from, replica().length());
    }

    @Override
    public void leave() {
        for (Slice slice : shared.slices()) {
            if (isMine(slice)) { // who still waits for a step that is not taken
                team.answer(slice, new Outgoing(Reply.BYTES, () -> ByteBuffer.allocate(Reply.BYTES), Reply::begin));
            }
        }
        team.requests().await(patience, place(), "the last answers of the other executors");
        meet("take their last step");
    }
}
